import Foundation
import Support

/// The folder of fetched checkpoints, and the manifest that says what belongs there.
///
/// All files lie beside each other: a VQGAN's `.yaml` beside its checkpoint, and one vocabulary
/// beside all CLIPs.
package struct WeightLibrary: Sendable {
  package let folder: String
  package let manifest: Manifest

  package init(folder: String, manifest: Manifest) {
    self.folder = folder
    self.manifest = manifest
  }

  /// Where fetched files are kept: `$XDG_DATA_HOME/tessera/weights`, by default under
  /// `~/.local/share`; nil for a user without a home directory.
  package static var installedFolder: String? { UserFolder.data.map { $0 + "/weights" } }

  /// The manifest that comes with Tessera, and the ``installedFolder``.
  ///
  /// - Throws: `LibraryError.noManifest`, `.noHome`, `.badManifest`.
  package static func installed() throws(LibraryError) -> WeightLibrary {
    guard let path = InstalledFiles.path(of: "weights/manifest.json"),
      let json = FileManager.default.contents(atPath: path)
    else { throw .noManifest(searched: InstalledFiles.homes) }
    guard let installedFolder else { throw .noHome }
    return WeightLibrary(folder: installedFolder, manifest: try Manifest(json: json, name: path))
  }

  /// The weights that a command line names: a file if there is one of that path, else the fetched
  /// model of that name.
  ///
  /// - Parameters:
  ///   - name: a path, or a model of the manifest.
  ///   - kind: what the model has to be.
  /// - Throws: `LibraryError`, which says what to run if the model is not fetched.
  package static func path(of name: String, kind: Manifest.Kind) throws(LibraryError) -> String {
    // What looks like a path is left to its reader, which says best what is wrong with it.
    let looksLikePath = [".safetensors", ".pt", ".pth", ".ckpt", ".bin"].contains {
      name.lowercased().hasSuffix($0)
    }
    if looksLikePath || FileManager.default.fileExists(atPath: name) { return name }
    return try installed().path(of: name, kind: kind)
  }

  /// The weights of a fetched model, with everything it needs beside them.
  ///
  /// - Throws: `LibraryError.unknownModel`, `.wrongKind`, `.notFetched`.
  package func path(of name: String, kind: Manifest.Kind) throws(LibraryError) -> String {
    let model = try model(named: name)
    guard model.kind == kind else {
      throw .wrongKind(name: model.name, kind: model.kind, expected: kind)
    }
    if let missing = manifest.files(of: model).first(where: { !isFetched($0) }) {
      throw .notFetched(name: model.name, missing: path(of: missing))
    }
    return path(of: model.files[0])
  }

  /// The model of this name, which need not be fetched.
  ///
  /// - Throws: `LibraryError.unknownModel`.
  package func model(named name: String) throws(LibraryError) -> Manifest.Model {
    guard let model = manifest[name] else {
      throw .unknownModel(name: name, known: manifest.models.map(\.name))
    }
    return model
  }

  /// Where a file of the manifest lies, or will.
  package func path(of file: Manifest.File) -> String { "\(folder)/\(file.name)" }

  /// Whether a file is there. It took its name when it was verified.
  package func isFetched(_ file: Manifest.File) -> Bool {
    FileManager.default.fileExists(atPath: path(of: file))
  }

  /// Whether a model can be used as it is.
  package func isFetched(_ model: Manifest.Model) -> Bool {
    manifest.files(of: model).allSatisfy(isFetched)
  }
}
