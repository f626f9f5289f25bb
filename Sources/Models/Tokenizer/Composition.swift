import Foundation

/// Unicode's normalisation form C.
///
/// Foundation's is used for all but Korean letters, whose composition goes wrong in Swift 6.3: it
/// takes letters just outside the ranges for members (U+1113, U+1176, U+11A7) and leaves a
/// syllable alone that a final consonant follows.
enum Composition {
  static func composed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard text.contains(where: { !$0.isASCII }) else { return text }
    var result: [Unicode.Scalar] = []
    var rest = text[...]
    while let first = rest.first {
      let isKorean = isKorean(first)
      let end = rest.firstIndex { Self.isKorean($0) != isKorean } ?? rest.endIndex
      result += isKorean ? syllables(rest[..<end]) : composedByFoundation(rest[..<end])
      rest = rest[end...]
    }
    return result
  }

  private static func composedByFoundation(_ text: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: text)
    return Array(String(view).precomposedStringWithCanonicalMapping.unicodeScalars)
  }

  /// Conjoining letters and the syllables made of them: starters that compose with nothing else.
  private static func isKorean(_ scalar: Unicode.Scalar) -> Bool {
    (0x1100...0x11FF).contains(scalar.value) || syllables.contains(scalar.value)
  }

  private static let leads: Range<UInt32> = 0x1100..<0x1113
  private static let vowels: Range<UInt32> = 0x1161..<0x1176
  private static let tails: Range<UInt32> = 0x11A8..<0x11C3
  private static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
  /// Syllables of one lead and vowel: one without a tail, then one for each.
  private static let family: UInt32 = 28

  /// Section 3.12 of the Unicode standard.
  private static func syllables(_ letters: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
    var result: [UInt32] = []
    for letter in letters.lazy.map(\.value) {
      if let last = result.last, leads ~= last, vowels ~= letter {
        let syllable = (last - leads.lowerBound) * UInt32(vowels.count) + letter - vowels.lowerBound
        result[result.count - 1] = syllables.lowerBound + syllable * family
      } else if let last = result.last, syllables ~= last, tails ~= letter,
        (last - syllables.lowerBound) % family == 0
      {
        result[result.count - 1] = last + letter - tails.lowerBound + 1
      } else {
        result.append(letter)
      }
    }
    return result.compactMap(Unicode.Scalar.init)
  }
}
