/// A character of a prompt as it is written, and whether a backslash makes it text.
struct PromptSymbol: Hashable {
  let scalar: Unicode.Scalar
  /// True for what a backslash stood before: the character itself, without its meaning.
  var isEscaped = false

  /// Characters with a meaning. A backslash before any other character is text.
  private static let special: Set<Unicode.Scalar> = Set("{}|^\\_$#".unicodeScalars).union(colons)
  /// The colon, its full-width form and its small form.
  private static let colons: Set<Unicode.Scalar> = [":", "\u{FF1A}", "\u{FE55}"]

  var isColon: Bool { !isEscaped && Self.colons.contains(scalar) }

  func `is`(_ scalar: Unicode.Scalar) -> Bool { !isEscaped && self.scalar == scalar }

  var isWhitespace: Bool { scalar.properties.isWhitespace }

  /// The symbols of `text`, its backslashes taken away where they escape.
  static func all(in text: some StringProtocol) -> [PromptSymbol] {
    var symbols: [PromptSymbol] = []
    var escapes = false
    for scalar in text.unicodeScalars {
      if escapes {
        if !special.contains(scalar) { symbols.append(PromptSymbol(scalar: "\\", isEscaped: true)) }
        symbols.append(PromptSymbol(scalar: scalar, isEscaped: special.contains(scalar)))
        escapes = false
      } else if scalar == "\\" {
        escapes = true
      } else {
        symbols.append(PromptSymbol(scalar: scalar))
      }
    }
    if escapes { symbols.append(PromptSymbol(scalar: "\\", isEscaped: true)) }
    return symbols
  }

  /// `text` with the backslashes that make it a prompt of just this text.
  static func escaped(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    let lastColon = scalars.lastIndex(where: colons.contains).flatMap { index in
      PromptNumber(Array(scalars[(index + 1)...])) == .text ? nil : index
    }
    var result = String.UnicodeScalarView()
    for (index, scalar) in scalars.enumerated() {
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      let needsEscape: Bool =
        switch scalar {
        case "{", "}", "|", "^": true
        case "\\": next.map(special.contains) ?? true
        case "_": next == "_"
        case "#": index == 0
        default: index == lastColon
        }
      if needsEscape { result.append("\\") }
      result.append(scalar)
    }
    return String(result)
  }
}

extension Collection where Element == PromptSymbol {
  /// The characters, without white space at the ends.
  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: trimmed.map(\.scalar))
    return String(view)
  }

  /// The characters for a message, of a long text its beginning.
  var shown: String {
    let text = text
    return text.count > 200 ? text.prefix(200) + "…" : text
  }

  /// The symbols without white space at the ends.
  var trimmed: [PromptSymbol] {
    var rest = Array(self)[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return Array(rest)
  }
}
