/// Cuts cleaned text into the words that byte pairs are merged within.
///
/// At each place the first that fits: one of the two special tokens, an English contraction's end,
/// a run of letters, a single number character, a run of anything else but white space. White space
/// separates and is dropped. (CLIP's `simple_tokenizer.py` says this with a regular expression.)
enum WordSplitter {
  static let startOfText = "<|startoftext|>"
  static let endOfText = "<|endoftext|>"

  private static let fixedWords =
    [startOfText, endOfText, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]
    .map { Array($0.unicodeScalars) }

  private enum Kind { case letter, number, space, other }

  static func words(in text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    var words: [String] = []
    var index = 0
    while index < scalars.count {
      let kind = kind(of: scalars[index])
      if kind == .space {
        index += 1
        continue
      }
      let end = fixedWordEnd(in: scalars, at: index) ?? runEnd(in: scalars, at: index, of: kind)
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[index..<end])
      words.append(String(view))
      index = end
    }
    return words
  }

  private static func fixedWordEnd(in scalars: [Unicode.Scalar], at index: Int) -> Int? {
    guard scalars[index] == "'" || scalars[index] == "<" else { return nil }
    for word in fixedWords where index + word.count <= scalars.count {
      let candidate = scalars[index..<index + word.count]
      if zip(candidate, word).allSatisfy({ folded($0) == $1 }) { return index + word.count }
    }
    return nil
  }

  /// The pattern ignores case; in lower-case text only ſ is left that differs from its fold.
  private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar == "ſ" ? "s" : scalar
  }

  private static func runEnd(in scalars: [Unicode.Scalar], at index: Int, of kind: Kind) -> Int {
    if kind == .number { return index + 1 }
    return scalars[index...].firstIndex { self.kind(of: $0) != kind } ?? scalars.count
  }

  private static func kind(of scalar: Unicode.Scalar) -> Kind {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A: return .letter
    case 0x30...0x39: return .number
    case 0x09...0x0D, 0x20: return .space
    case ..<0x80: return .other
    default: break
    }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      .letter
    case .decimalNumber, .letterNumber, .otherNumber: .number
    // A mark whose other case is a letter: as the pattern ignores case, it is neither to it.
    case .nonspacingMark where scalar == "\u{345}": .space
    default: scalar.properties.isWhitespace ? .space : .other
    }
  }
}
