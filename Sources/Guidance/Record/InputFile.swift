import Foundation
import Support

/// A file that a render reads, by its name and contents.
public struct InputFile: Hashable, Sendable {
  /// Path; nil in the record of a picture, which names no folder.
  public let path: String?
  /// File name without its folder.
  public let name: String
  /// SHA-256 of its bytes in hexadecimal; nil where it was not computed yet.
  public let sha256: String?
  /// Configurations that are read from beside it.
  public let companions: [InputFile]

  public init(_ path: String) {
    self.init(path: path, name: URL(fileURLWithPath: path).lastPathComponent)
  }

  private init(path: String?, name: String, sha256: String? = nil, companions: [InputFile] = []) {
    (self.path, self.name, self.sha256, self.companions) = (path, name, sha256, companions)
  }

  /// Where its bytes are read.
  var readPath: String { path ?? name }

  /// Names of the configurations that a checkpoint may have beside it.
  private var companionNames: [String] {
    let stem = URL(fileURLWithPath: name).deletingPathExtension().lastPathComponent
    return ["\(stem).yaml", "\(stem).yml", "open_clip_config.json", "config.json"]
  }

  /// The file with the hash of its bytes, and with its companions.
  /// - Parameter isCheckpoint: whether configurations beside it are read with it.
  /// - Throws: ``GuidanceError/inputs(_:)`` if it cannot be read.
  func hashed(isCheckpoint: Bool) throws(GuidanceError) -> InputFile {
    guard sha256 == nil, let path else { return self }
    let hash: String
    do throws(FileError) { hash = try SHA256.ofFile(path) } catch { throw .inputs("\(error)") }
    var companions: [InputFile] = []
    if isCheckpoint {
      for name in companionNames {
        guard let hash = try? SHA256.ofFile(sibling(name, of: path)) else { continue }
        companions.append(InputFile(path: nil, name: name, sha256: hash))
      }
    }
    return InputFile(path: path, name: name, sha256: hash, companions: companions)
  }

  /// The file without its folder, as a picture's record has it.
  var withoutFolder: InputFile { moved(to: nil) }

  /// The file by its absolute path, as a saved render has it.
  var absolute: InputFile {
    moved(to: path.map { URL(fileURLWithPath: $0).standardizedFileURL.path })
  }

  /// The file with the same bytes in the folder of `path`, if there is one of its name.
  func beside(_ path: String) -> InputFile {
    let place = sibling(name, of: path)
    return FileManager.default.fileExists(atPath: place) ? moved(to: place) : self
  }

  /// The file with the same bytes at another path.
  func moved(to path: String?) -> InputFile {
    InputFile(path: path, name: name, sha256: sha256, companions: companions)
  }

  private func sibling(_ name: String, of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(name).path
  }

  /// The file with the same bytes: where it was, or of its name in one of `folders`.
  /// - Throws: ``GuidanceError/inputs(_:)`` if there is none, naming what was found instead.
  func located(in folders: [String]) throws(GuidanceError) -> InputFile {
    var changed: String?
    for path in [path].compactMap({ $0 }) + folders.map({ "\($0)/\(name)" })
    where FileManager.default.fileExists(atPath: path) {
      let differing = ([(path, sha256)] + companions.map { (sibling($0.name, of: path), $0.sha256) })
        .first { file, hash in hash != nil && hash != (try? SHA256.ofFile(file)) }
      guard let differing else { return moved(to: path) }
      changed = changed ?? differing.0
    }
    if sha256 == nil, let path { throw .inputs("\(path): cannot be read; check the path") }
    throw .inputs(
      changed.map { "\($0) is missing or not the file that the picture was painted with" }
        ?? "\(name), which the picture was painted with, is not found"
        + (sha256.map { " (SHA-256 \($0.prefix(12))…)" } ?? ""))
  }
}

extension InputFile: Codable {
  private enum CodingKeys: CodingKey { case path, name, sha256, companions }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      path: try values.decodeIfPresent(String.self, forKey: .path),
      name: try values.decode(String.self, forKey: .name),
      sha256: try values.decodeIfPresent(String.self, forKey: .sha256),
      companions: try values.decodeIfPresent([InputFile].self, forKey: .companions) ?? [])
    // A record names no place to read from but beside what it names.
    guard !name.isEmpty, !name.contains("/"), name != ".." else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: values, debugDescription: "'\(name)' is no file name")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(path, forKey: .path)
    try values.encode(name, forKey: .name)
    try values.encodeIfPresent(sha256, forKey: .sha256)
    if !companions.isEmpty { try values.encode(companions, forKey: .companions) }
  }
}
