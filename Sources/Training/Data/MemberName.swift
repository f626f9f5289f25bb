/// A file's name as WebDataset reads it: the key that files of a pair share, which ends before the
/// first dot of the last path component, and what the file is.
struct MemberName: Hashable {
  enum Kind: Hashable { case picture, text, json, other }

  let key: String
  let kind: Kind

  /// - Returns: nil for names that begin with a dot, as those that macOS adds to tars.
  init?(_ path: String) {
    let file = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) }
    let start = file ?? path.startIndex
    guard let dot = path.utf8[start...].firstIndex(of: UInt8(ascii: ".")), dot > start else {
      return nil
    }
    key = String(path[..<dot])
    kind =
      switch path[path.utf8.index(after: dot)...].lowercased() {
      case "png", "jpg", "jpeg", "jpe", "jfif": .picture
      case "txt": .text
      case "json": .json
      default: .other
      }
  }

  /// Whether a file beside captions.jsonl is a picture, by the end of its name.
  static func isPicture(_ name: String) -> Bool {
    let lower = name.lowercased()
    return [".png", ".jpg", ".jpeg", ".jpe", ".jfif"].contains { lower.hasSuffix($0) && lower != $0 }
      && !name.hasPrefix(".")
  }
}
