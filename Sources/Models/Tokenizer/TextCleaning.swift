import Foundation

/// CLIP's clean-up of a prompt before it is cut into words: ftfy's default fixes, HTML references
/// twice, white space collapsed, lower case. The fixes come in ftfy's order and are repeated, as
/// there, until nothing changes.
package enum TextCleaning {
  package static func clean(_ text: String) -> String {
    if let cleaned = cleanedASCII(text) { return cleaned }
    var scalars = fixed(Array(text.unicodeScalars))
    scalars = HTMLEntities.unescape(HTMLEntities.unescape(scalars))
    let words = scalars.split { $0.properties.isWhitespace }
    return string(lowercased(Array(words.joined(separator: [" "]))))
  }

  /// The same for printable ASCII without references, which needs no fixes: most captions are of
  /// that kind, and training reads millions. nil for other texts.
  private static func cleanedASCII(_ text: String) -> String? {
    var cleaned: [UInt8] = []
    cleaned.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): return nil
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): cleaned.append(byte | 0x20)
      case 0x21...0x7E: cleaned.append(byte)
      case 0x09, 0x0A, 0x0D, 0x20:
        if let last = cleaned.last, last != 0x20 { cleaned.append(0x20) }
      default: return nil
      }
    }
    if cleaned.last == 0x20 { cleaned.removeLast() }
    return String(decoding: cleaned, as: UTF8.self)
  }

  /// ftfy works line by line, and leaves references alone from the first `<` on: it may be HTML
  /// that is meant to be seen.
  private static func fixed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var unescapes = true
    var result: [Unicode.Scalar] = []
    var rest = text[...]
    while !rest.isEmpty {
      // The line break belongs to the line: it is a neighbour that evidence for mojibake counts.
      let end = rest.firstIndex(of: "\n").map { $0 + 1 } ?? rest.endIndex
      let line = rest[..<end]
      if line.contains("<") { unescapes = false }
      result += fixed(line: Array(line), unescapes: unescapes)
      rest = rest[end...]
    }
    return result
  }

  private static func fixed(line: [Unicode.Scalar], unescapes: Bool) -> [Unicode.Scalar] {
    var line = line
    while true {
      let before = line
      if unescapes { line = HTMLEntities.unescapeTerminated(line) }
      line = Mojibake.fixed(line).flatMap { replacement(for: $0) }
      line = withoutControls(withoutTerminalEscapes(line))
      line = Composition.composed(line)
      if line == before { return line }
    }
  }

  /// One scalar's fixes: control characters that Windows-1252 has letters for, ligatures, full and
  /// half width, curly quotes, line breaks.
  private static func replacement(for scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    switch scalar.value {
    case 0x20...0x7E: [scalar]
    case 0x80...0x9F: [uncurled(Mojibake.windows1252(for: scalar))]
    case 0x0D, 0x2028, 0x2029: ["\n"]
    case 0x3000: [" "]
    case 0xFF01..<0xFFF0:
      Array(string([scalar]).precomposedStringWithCompatibilityMapping.unicodeScalars)
    default: ligatures[scalar]?.map(uncurled) ?? [uncurled(scalar)]
    }
  }

  private static func uncurled(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x2018...0x201B, 0x02BC: "'"
    case 0x201C...0x201F: "\""
    default: scalar
    }
  }

  /// Latin letters that stand for two, apart from those that languages use (æ, œ).
  private static let ligatures: [Unicode.Scalar: [Unicode.Scalar]] = [
    "Ĳ": "IJ", "ĳ": "ij", "ŉ": "ʼn", "Ǳ": "DZ", "ǲ": "Dz", "ǳ": "dz", "Ǆ": "DŽ", "ǅ": "Dž",
    "ǆ": "dž", "Ǉ": "LJ", "ǈ": "Lj", "ǉ": "lj", "Ǌ": "NJ", "ǋ": "Nj", "ǌ": "nj", "ﬀ": "ff",
    "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st",
  ].mapValues { Array(($0 as String).unicodeScalars) }

  /// Removes ESC [ digits and semicolons, letter.
  private static func withoutTerminalEscapes(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < text.count {
      if text[index] == "\u{1B}", index + 1 < text.count, text[index + 1] == "[" {
        var end = index + 2
        while end < text.count, isParameter(text[end]) { end += 1 }
        if end < text.count, text[end].isASCII, text[end].properties.isAlphabetic {
          index = end + 1
          continue
        }
      }
      result.append(text[index])
      index += 1
    }
    return result
  }

  private static func isParameter(_ scalar: Unicode.Scalar) -> Bool {
    scalar == ";" || scalar.properties.generalCategory == .decimalNumber
  }

  private static func withoutControls(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    text.filter { scalar in
      switch scalar.value {
      case 0x00...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: false
      default: true
      }
    }
  }

  /// Lower case as Unicode's default mapping has it, with its one rule that looks around: a sigma
  /// that ends a word becomes ς.
  private static func lowercased(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for (index, scalar) in text.enumerated() {
      if scalar == "Σ" {
        let before = text[..<index].last { !$0.properties.isCaseIgnorable }
        let after = text[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        let endsWord = before?.properties.isCased == true && after?.properties.isCased != true
        result.append(endsWord ? "ς" : "σ")
      } else {
        result += scalar.properties.lowercaseMapping.unicodeScalars
      }
    }
    return result
  }

  private static func string(_ scalars: [Unicode.Scalar]) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
