/// HTML character references, decoded as by Python's `html.unescape`, which CLIP's clean-up calls.
enum HTMLEntities {
  /// Replaces every reference; a few old names count without their semicolon too, and then even
  /// where more letters follow (`&notit;` is `¬it;`).
  static func unescape(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    replaceReferences(in: text) { reference in
      reference.first == "#" ? numeric(reference.dropFirst()) : named(reference)
    }
  }

  /// Replaces only references of up to 24 letters and digits and a semicolon, but also upper-case
  /// spellings of lower-case names (`&EACUTE;`), as ftfy does.
  static func unescapeTerminated(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    replaceReferences(in: text) { reference in
      let name = reference.dropLast()
      guard reference.last == ";", name.count - (name.first == "#" ? 1 : 0) <= 24 else {
        return nil
      }
      guard name.first != "#" else {
        let decoded = numeric(reference.dropFirst())
        return decoded?.contains(";") == true ? nil : decoded
      }
      if let scalars = names[string(name)] { return scalars }
      let lower = string(name).lowercased()
      guard lower.uppercased() == string(name), named(reference) == nil else { return nil }
      return names[lower]?.flatMap { $0.properties.uppercaseMapping.unicodeScalars }
    }
  }

  /// Calls `replacement` with what stands between each `&` and the reference's end: digits after
  /// `#` or `#x`, or up to 32 other characters, and a semicolon if there is one.
  private static func replaceReferences(
    in text: [Unicode.Scalar], by replacement: (ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar]?
  ) -> [Unicode.Scalar] {
    guard text.contains("&") else { return text }
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < text.count {
      if text[index] == "&" {
        let reference = text[index + 1..<referenceEnd(in: text, after: index)]
        if !reference.isEmpty, let scalars = replacement(reference) {
          result += scalars
          index = reference.endIndex
          continue
        }
      }
      result.append(text[index])
      index += 1
    }
    return result
  }

  private static func referenceEnd(in text: [Unicode.Scalar], after ampersand: Int) -> Int {
    let start = ampersand + 1
    var end = start
    if end < text.count, text[end] == "#" {
      end += 1
      let isHex = end < text.count && (text[end] == "x" || text[end] == "X")
      if isHex { end += 1 }
      let digits = end
      while end < text.count, digit(text[end], base: isHex ? 16 : 10) != nil { end += 1 }
      guard end > digits else { return start }
    } else {
      while end < text.count, end - start < 32, !endsName(text[end]) { end += 1 }
      guard end > start else { return start }
    }
    return end < text.count && text[end] == ";" ? end + 1 : end
  }

  private static func endsName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\u{C}", " ", "<", "&", "#", ";": true
    default: false
    }
  }

  /// The value of `#…` without the `#`; nil never occurs for what `referenceEnd` lets through.
  private static func numeric(_ reference: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar]? {
    guard let first = reference.first else { return nil }
    let base: UInt32 = first == "x" || first == "X" ? 16 : 10
    var value: UInt32 = 0
    for scalar in base == 16 ? reference.dropFirst() : reference where scalar != ";" {
      guard let digit = digit(scalar, base: base) else { return nil }
      value = min(value * base + digit, 0x11_0000)
    }
    switch value {
    case 0x0D: return ["\r"]
    case 0x80...0x9F: return [Mojibake.windows1252(for: Unicode.Scalar(UInt8(value)))]
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: return []
    case let value where value < 0x11_0000 && value & 0xFFFE == 0xFFFE: return []
    default: return [value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"]
    }
  }

  private static func digit(_ scalar: Unicode.Scalar, base: UInt32) -> UInt32? {
    switch scalar {
    case "0"..."9": scalar.value - 0x30
    case "a"..."f" where base == 16: scalar.value - 0x61 + 10
    case "A"..."F" where base == 16: scalar.value - 0x41 + 10
    default: nil
    }
  }

  /// The whole reference if it is known, else the longest old name that it starts with.
  private static func named(_ reference: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar]? {
    if reference.last == ";", let scalars = names[string(reference.dropLast())] { return scalars }
    for length in stride(from: min(reference.count, longestUnterminated), through: 2, by: -1) {
      let name = string(reference.prefix(length))
      if unterminated.contains(name), let scalars = names[name] {
        return scalars + reference.dropFirst(length)
      }
    }
    return nil
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static let longestUnterminated = 6
  private static let unterminated = Set(
    latin1Names + ["amp", "AMP", "lt", "LT", "gt", "GT", "quot", "QUOT", "COPY", "REG"])

  private static let names: [String: [Unicode.Scalar]] = {
    var names: [String: [Unicode.Scalar]] = [:]
    for entry in html5Names.split(whereSeparator: \.isWhitespace) {
      let parts = entry.split(separator: "=")
      names[String(parts[0])] = parts[1].split(separator: "+").compactMap {
        UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
      }
    }
    return names
  }()

  /// Names of Latin-1's upper half: those that count without a semicolon.
  private static let latin1Names = """
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave
    Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
    ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN
    szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc
    uuml yacute thorn yuml
    """.split(whereSeparator: \.isWhitespace).map(String.init)
}
