import Foundation

/// The public checkpoints that Tessera knows: `weights/manifest.json`.
package struct Manifest: Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case vqgan, clip
    /// The merges of CLIP's tokenizer.
    case vocabulary
  }

  /// One thing to fetch by name.
  package struct Model: Codable, Sendable, Equatable {
    package let name: String
    package let kind: Kind
    package let licence: String
    /// What it is good for, in a few words.
    package let goodFor: String
    /// The weights, then what belongs beside them.
    package let files: [File]
    /// Models whose files this one needs beside its own.
    package let needs: [String]?
  }

  package struct File: Codable, Sendable, Equatable {
    /// The name in the library, the same as the original's where it has one of its own.
    package let name: String
    package let url: String
    /// Nil where nobody has published it.
    package let bytes: Int?
    /// 64 hexadecimal digits; nil where nobody has published it.
    package let sha256: String?
  }

  package let models: [Model]

  /// Reads the manifest's JSON.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: `LibraryError.badManifest`.
  package init(json: Data, name: String) throws(LibraryError) {
    struct Content: Codable { let models: [Model] }
    do {
      models = try JSONDecoder().decode(Content.self, from: json).models
    } catch {
      throw .badManifest(file: name, reason: "it is not the JSON that it should be: \(error)")
    }
    if let reason = firstMistake { throw .badManifest(file: name, reason: reason) }
  }

  /// The model of this name. Case does not matter, and OpenAI's own spelling will do: `ViT-B/32` is
  /// `ViT-B-32`, `ViT-L/14@336px` is `ViT-L-14-336px`.
  package subscript(name: String) -> Model? {
    models.first { plain($0.name) == plain(name) }
  }

  /// All files of a model, and of the models it needs.
  package func files(of model: Model) -> [File] {
    model.files + (model.needs ?? []).compactMap { self[$0] }.flatMap(\.files)
  }

  private var firstMistake: String? {
    var names: Set<String> = []
    for model in models {
      if !names.insert(plain(model.name)).inserted { return "two models are named \(model.name)" }
      if model.files.isEmpty { return "\(model.name) has no file" }
      for name in model.needs ?? [] where self[name] == nil {
        return "\(model.name) needs \(name), which is not there"
      }
      for file in model.files {
        if file.name.isEmpty || file.name.hasPrefix(".") || file.name.contains("/") {
          return "\(model.name) has a file named '\(file.name)'"
        }
        if !["https://", "http://"].contains(where: file.url.hasPrefix) {
          return "\(file.name) has the URL \(file.url)"
        }
        if let sha256 = file.sha256, sha256.count != 64 || !sha256.allSatisfy(\.isHexDigit) {
          return "\(file.name) has the SHA-256 \(sha256)"
        }
      }
    }
    return nil
  }
}

private func plain(_ name: String) -> String {
  String(name.lowercased().map { $0 == "/" || $0 == "@" ? "-" : $0 })
}
