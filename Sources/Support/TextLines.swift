import Foundation

/// Lines of a text file that a person writes: one entry a line.
package enum TextLines {
  package struct Line: Hashable, Sendable {
    /// Number of the line, from 1.
    package let number: Int
    /// Text without white space at its ends.
    package let text: String
  }

  /// Largest file that is read, in bytes.
  private static let maxSize = 16 << 20

  /// The lines of a file, without empty ones and comments, which begin with `#`. Line ends are LF or
  /// CRLF; a byte order mark is left out.
  /// - Throws: ``FileError`` for a file that cannot be read, is not UTF-8 or larger than 16 MB.
  package static func read(_ path: String) throws(FileError) -> [Line] {
    guard let file = fopen(path, "r") else {
      throw .unreadable(path: path, reason: systemReason())
    }
    defer { fclose(file) }
    var data = [UInt8](repeating: 0, count: maxSize + 1)
    let count = fread(&data, 1, data.count, file)
    guard ferror(file) == 0 else { throw .unreadable(path: path, reason: systemReason()) }
    guard count <= maxSize else {
      throw .unreadable(path: path, reason: "it is larger than \(maxSize >> 20) MB")
    }
    guard let text = String(validating: data[..<count], as: UTF8.self) else {
      throw .unreadable(path: path, reason: "it is not UTF-8 text; save it as UTF-8")
    }
    return lines(of: text)
  }

  package static func lines(of text: String) -> [Line] {
    let bytes = text.hasPrefix("\u{FEFF}") ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
    return bytes.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .map { index, line in
        Line(number: index + 1, text: String(line).trimmingCharacters(in: .whitespacesAndNewlines))
      }
      .filter { !$0.text.isEmpty && !$0.text.hasPrefix("#") }
  }
}
