import Foundation

/// Reading of what follows a colon in a prompt.
enum PromptNumber: Equatable {
  /// A decimal number: digits with at most a sign and a point or comma.
  case number(Float)
  /// Digits in a notation that is not read, such as `50%`, `1e-1` or `1/2`.
  case unreadable
  /// Words that programs read as numbers, such as `infinity` and `0x1F`: text, said aloud.
  case wordLike
  case text

  /// Reads decimal numbers with white space around them, a minus sign of Unicode, and full-width
  /// digits.
  init(_ scalars: [Unicode.Scalar]) {
    let trimmed = String(String.UnicodeScalarView(scalars.map(Self.plain)))
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if Self.isDecimal(trimmed) {
      self = .number(Float(trimmed.replacingOccurrences(of: ",", with: ".")) ?? .nan)
    } else if Float(trimmed) != nil {
      let letters = trimmed.lowercased()
      self = letters.contains("x") || letters.contains("n") ? .wordLike : .unreadable
    } else {
      let isNumeric = trimmed.unicodeScalars.allSatisfy { scalar in
        scalar.properties.numericType != nil || ".,+-%/'_()[] \u{A0}".unicodeScalars.contains(scalar)
      }
      let hasDigits = trimmed.unicodeScalars.contains { $0.properties.numericType != nil }
      self = isNumeric && hasDigits ? .unreadable : .text
    }
  }

  /// The ASCII form of a digit, sign, point or comma.
  private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    // Hyphens, dashes and the minus sign.
    case 0x2010...0x2013, 0x2212, 0xFE63, 0xFF0D: "-"
    case 0xFF0B, 0xFF0C, 0xFF0E, 0xFF10...0xFF19: Unicode.Scalar(scalar.value - 0xFEE0)!
    default: scalar
    }
  }

  private static func isDecimal(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      rest.removeFirst()
    }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let marks = rest.filter { !digits.contains($0) }
    return rest.count > marks.count && marks.count <= 1
      && marks.allSatisfy { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }
  }

  /// `value` as a decimal number that is read as the same value.
  static func text(of value: Float) -> String {
    let short = "\(value)"
    guard short.contains("e") else { return short }
    var long = String(format: "%.60f", Double(value))
    while long.hasSuffix("0") { long.removeLast() }
    return long.hasSuffix(".") ? long + "0" : long
  }
}
