import Foundation

/// Captions out of the files that hold them.
enum Captions {
  /// The lines of a text that are not blank, trimmed.
  static func lines(_ bytes: [UInt8]) -> [String] {
    usable(
      String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init))
  }

  /// What is left of captions once trimmed: all that are not empty.
  static func usable(_ captions: [String]) -> [String] {
    captions.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
  }

  /// A record about one picture: `captions`, else `caption`, else `name`; other keys are ignored.
  struct Record: Decodable {
    let file: String?
    let captions: [String]?
    let caption: String?
    let name: String?

    /// nil where the record has none of the three keys.
    var all: [String]? {
      (captions ?? (caption ?? name).map { [$0] }).map(Captions.usable)
    }
  }

  /// The captions of a JSON object.
  /// - Throws: a `DecodingError` where it is none, or a key has another type.
  static func json(_ bytes: [UInt8]) throws -> [String] {
    try JSONDecoder().decode(Record.self, from: Data(bytes)).all ?? []
  }

  /// Most bytes of a line of captions.jsonl, and of a caption file in a tar.
  static let byteLimit = 1 << 20

  /// Captions by file out of a captions.jsonl; several lines about one file add up.
  ///
  /// - Throws: `TrainingDataError.badLine` with the line's number, or `.unreadable`.
  static func jsonl(_ path: String) throws -> [String: [String]] {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) } catch {
      throw TrainingDataError.unreadable(path, reason: "check that it is a readable file")
    }
    let decoder = JSONDecoder()
    var captions: [String: [String]] = [:]
    var number = 0
    for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard line.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { continue }
      func bad(_ reason: String) -> TrainingDataError {
        .badLine(path, line: number, reason: reason)
      }
      guard line.count <= byteLimit else { throw bad("it is longer than 1 MB") }
      let record: Record
      do { record = try decoder.decode(Record.self, from: line) } catch {
        throw bad(reason(for: error))
      }
      guard let file = record.file else { throw bad("it has no file") }
      guard let all = record.all else { throw bad("it has no captions, caption or name") }
      captions[normalized(file), default: []] += all
    }
    return captions
  }

  /// `./a//b.png` → `a/b.png`.
  private static func normalized(_ file: String) -> String {
    guard file.hasPrefix("./") || file.contains("//") || file.contains("/./") else { return file }
    return file.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  private static func reason(for error: any Error) -> String {
    guard case DecodingError.typeMismatch(_, let context) = error,
      let key = context.codingPath.first?.stringValue
    else { return "it is no JSON object with a file and captions, caption or name" }
    return "“\(key)” is not of the type expected (text; for captions a list of texts)"
  }
}
