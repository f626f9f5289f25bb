import Foundation
import Support

/// A folder of pictures, found in its folders too, in the order of their paths' bytes.
enum PictureFolder {
  static let captionFile = "captions.jsonl"

  /// - Throws: `TrainingDataError` if the folder cannot be read, has no picture, or its
  ///   captions.jsonl cannot be used.
  static func items(in folder: String) throws -> [PictureItem] {
    var walk = Walk(folder: folder)
    try walk.visit("")
    walk.pictures.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    guard !walk.pictures.isEmpty else { throw TrainingDataError.noPictures(folder) }
    var named: [String: [String]] = [:]
    let captionPath = folder + "/" + captionFile
    if FileManager.default.fileExists(atPath: captionPath) {
      named = try Captions.jsonl(captionPath)
    }
    let items = walk.pictures.map { path, size in
      let text = String(path[..<path.lastIndex(of: ".")!]) + ".txt"
      let captions: PictureItem.CaptionPlace =
        if let known = named.removeValue(forKey: path) {
          known.isEmpty ? .none : .known(known)
        } else {
          walk.texts.contains(text) ? .text(.file(folder + "/" + text)) : .none
        }
      return PictureItem(
        name: path, picture: .file(folder + "/" + path), captions: captions, byteCount: size)
    }
    guard named.isEmpty else {
      let matched = items.count { if case .known = $0.captions { true } else { false } }
      throw TrainingDataError.missingFiles(
        captionPath, missing: named.count, of: named.count + matched,
        first: Array(named.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(3)))
    }
    return items
  }

  private struct Walk {
    let folder: String
    var pictures: [(path: String, size: Int)] = []
    var texts: Set<String> = []
    /// Device and inode of the folders above and including the present one: links may lead back.
    var above: [[UInt64]] = []

    mutating func visit(_ path: String) throws {
      let place = path.isEmpty ? folder : folder + "/" + path
      var status = stat()
      guard stat(place, &status) == 0 else {
        throw TrainingDataError.unreadable(place, reason: systemReason())
      }
      let identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
      guard !above.contains(identity) else { return }
      above.append(identity)
      defer { above.removeLast() }
      guard let stream = opendir(place) else {
        throw TrainingDataError.unreadable(place, reason: systemReason())
      }
      defer { closedir(stream) }
      var names: [String] = []
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { names.append(name) }
      }
      for name in names {
        let inner = path.isEmpty ? name : path + "/" + name
        // Links that lead nowhere, and names that are not UTF-8, are passed over.
        guard stat(folder + "/" + inner, &status) == 0 else { continue }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: try visit(inner)
        case S_IFREG where MemberName.isPicture(name):
          pictures.append((inner, Int(status.st_size)))
        case S_IFREG where name.hasSuffix(".txt"): texts.insert(inner)
        default: break
        }
      }
    }
  }
}
