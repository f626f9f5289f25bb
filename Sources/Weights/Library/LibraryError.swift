/// Why a model of the manifest is not at hand. The description is one line with what to do.
package enum LibraryError: Error, Equatable, Sendable {
  /// No manifest in the places where Tessera's files lie.
  case noManifest(searched: [String])

  /// No home directory to keep fetched models in.
  case noHome

  case badManifest(file: String, reason: String)

  /// Neither a file nor a model of the manifest has this name.
  case unknownModel(name: String, known: [String])

  /// The manifest has this model, the library does not yet.
  case notFetched(name: String, missing: String)

  /// The model is there, but is no such thing as was asked for.
  case wrongKind(name: String, kind: Manifest.Kind, expected: Manifest.Kind)
}

extension LibraryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noManifest(let searched):
      "weights/manifest.json is not found (looked in \(searched.joined(separator: ", "))); set "
        + "TESSERA_HOME to Tessera's folder"
    case .noHome:
      "there is no home directory for fetched models; set HOME or XDG_DATA_HOME"
    case .badManifest(let file, let reason):
      oneLine("\(file): \(reason)")
    case .unknownModel(let name, let known):
      oneLine(
        "there is no file '\(name)', nor a model of that name; choose one of: "
          + known.joined(separator: ", "))
    case .notFetched(let name, let missing):
      "\(name) is not fetched yet (no \(missing)); run: tessera weights fetch \(name)"
    case .wrongKind(let name, let kind, let expected):
      "\(name) is a model of the kind '\(kind.rawValue)', not '\(expected.rawValue)'"
    }
  }
}
