/// HTML character references, decoded as by Python's `html.unescape`, which CLIP's clean-up calls.
///
/// Named references are those of HTML 4 and HTML 5's names for ASCII punctuation; of HTML 5's other
/// 1,800 names none is known, and text that holds them stays as it is.
enum HTMLEntities {
  /// Replaces every reference; a few old names count without their semicolon too, and then even
  /// where more letters follow (`&notit;` is `¬it;`).
  static func unescape(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    replaceReferences(in: text) { reference in
      reference.first == "#" ? numeric(reference.dropFirst()) : named(reference)
    }
  }

  /// Replaces only references that end in a semicolon, but also upper-case spellings of lower-case
  /// names (`&EACUTE;`), as ftfy does.
  static func unescapeTerminated(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    replaceReferences(in: text) { reference in
      guard reference.last == ";" else { return nil }
      let name = reference.dropLast()
      guard name.first != "#" else {
        let decoded = numeric(reference.dropFirst())
        return decoded?.contains(";") == true ? nil : decoded
      }
      if let scalar = names[string(name)] { return [scalar] }
      let lower = string(name).lowercased()
      guard lower.uppercased() == string(name), named(reference) == nil else { return nil }
      return names[lower].map { Array($0.properties.uppercaseMapping.unicodeScalars) }
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
    case 0x80...0x9F: return [windows1252[Int(value) - 0x80]]
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
    if reference.last == ";", let scalar = names[string(reference.dropLast())] { return [scalar] }
    for length in stride(from: min(reference.count, longestUnterminated), through: 2, by: -1) {
      let name = string(reference.prefix(length))
      if unterminated.contains(name), let scalar = names[name] {
        return [scalar] + reference.dropFirst(length)
      }
    }
    return nil
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Bytes 0x80…0x9F in Windows-1252; the five unassigned ones stay control characters.
  static let windows1252 = Array(
    """
    €\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ
    """.unicodeScalars)

  private static let longestUnterminated = 6
  private static let unterminated = Set(
    latin1Names + ["amp", "AMP", "lt", "LT", "gt", "GT", "quot", "QUOT", "COPY", "REG"])

  private static let names: [String: Unicode.Scalar] = {
    var names: [String: Unicode.Scalar] = [:]
    for (index, name) in latin1Names.enumerated() {
      names[name] = Unicode.Scalar(UInt8(0xA0 + index))
    }
    let fields = codedNames.split(whereSeparator: \.isWhitespace)
    for index in stride(from: 0, to: fields.count, by: 2) {
      let value = UInt32(fields[index + 1], radix: 16)
      names[String(fields[index])] = value.flatMap(Unicode.Scalar.init)
    }
    return names
  }()

  /// Names of U+00A0…U+00FF, in order.
  private static let latin1Names = """
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave
    Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
    ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN
    szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc
    uuml yacute thorn yuml
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  /// Name and hexadecimal scalar of the others.
  private static let codedNames = """
    amp 26 AMP 26 lt 3C LT 3C gt 3E GT 3E quot 22 QUOT 22 apos 27 COPY A9 REG AE Tab 9 NewLine A
    excl 21 num 23 dollar 24 percnt 25 lpar 28 rpar 29 ast 2A midast 2A plus 2B comma 2C period 2E
    sol 2F colon 3A semi 3B equals 3D quest 3F commat 40 lbrack 5B lsqb 5B bsol 5C rbrack 5D
    rsqb 5D Hat 5E lowbar 5F grave 60 lbrace 7B lcub 7B verbar 7C vert 7C rbrace 7D rcub 7D
    OElig 152 oelig 153 Scaron 160 scaron 161 Yuml 178 fnof 192 circ 2C6 tilde 2DC Alpha 391
    Beta 392 Gamma 393 Delta 394 Epsilon 395 Zeta 396 Eta 397 Theta 398 Iota 399 Kappa 39A
    Lambda 39B Mu 39C Nu 39D Xi 39E Omicron 39F Pi 3A0 Rho 3A1 Sigma 3A3 Tau 3A4 Upsilon 3A5
    Phi 3A6 Chi 3A7 Psi 3A8 Omega 3A9 alpha 3B1 beta 3B2 gamma 3B3 delta 3B4 epsilon 3B5 zeta 3B6
    eta 3B7 theta 3B8 iota 3B9 kappa 3BA lambda 3BB mu 3BC nu 3BD xi 3BE omicron 3BF pi 3C0
    rho 3C1 sigmaf 3C2 sigma 3C3 tau 3C4 upsilon 3C5 phi 3C6 chi 3C7 psi 3C8 omega 3C9
    thetasym 3D1 upsih 3D2 piv 3D6 ensp 2002 emsp 2003 thinsp 2009 zwnj 200C zwj 200D lrm 200E
    rlm 200F ndash 2013 mdash 2014 lsquo 2018 rsquo 2019 sbquo 201A ldquo 201C rdquo 201D
    bdquo 201E dagger 2020 Dagger 2021 bull 2022 hellip 2026 permil 2030 prime 2032 Prime 2033
    lsaquo 2039 rsaquo 203A oline 203E frasl 2044 euro 20AC image 2111 weierp 2118 real 211C
    trade 2122 alefsym 2135 larr 2190 uarr 2191 rarr 2192 darr 2193 harr 2194 crarr 21B5 lArr 21D0
    uArr 21D1 rArr 21D2 dArr 21D3 hArr 21D4 forall 2200 part 2202 exist 2203 empty 2205 nabla 2207
    isin 2208 notin 2209 ni 220B prod 220F sum 2211 minus 2212 lowast 2217 radic 221A prop 221D
    infin 221E ang 2220 and 2227 or 2228 cap 2229 cup 222A int 222B there4 2234 sim 223C cong 2245
    asymp 2248 ne 2260 equiv 2261 le 2264 ge 2265 sub 2282 sup 2283 nsub 2284 sube 2286 supe 2287
    oplus 2295 otimes 2297 perp 22A5 sdot 22C5 lceil 2308 rceil 2309 lfloor 230A rfloor 230B
    lang 27E8 rang 27E9 loz 25CA spades 2660 clubs 2663 hearts 2665 diams 2666
    """
}
