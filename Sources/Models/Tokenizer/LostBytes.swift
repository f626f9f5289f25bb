/// Bytes of UTF-8 that went missing while it passed for another encoding, restored as by ftfy 6.3.
enum LostBytes {
  private typealias Pattern = [[ClosedRange<UInt8>]]

  /// Puts byte 0xA0 back where a program made a plain space of it and the sequence shows it.
  static func restoringSpaces(in bytes: [UInt8]) -> [UInt8] {
    guard firstMatch(of: spaced, in: bytes[...]) != nil else { return bytes }
    return replacing(spaced, in: withGraveWords(bytes)) { $0.map { $0 == 0x20 ? 0xA0 : $0 } }
  }

  /// Makes U+FFFD of every sequence in which byte 0x1A, or once a question mark, stands for a byte
  /// that could not be decoded.
  static func replacingLosses(in bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(where: { $0 == 0x1A || $0 == 0x3F }) else { return bytes }
    return replacing(lossy, in: bytes) { _ in [0xEF, 0xBF, 0xBD] }
  }

  /// `Ã ` is most often the French word `à`, whose own space is lost; not before what makes a
  /// Portuguese word of it.
  private static func withGraveWords(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let rest = bytes[(index + 1)...]
      if bytes[index] == 0xC3, rest.first == 0x20,
        !portuguese.contains(where: rest.dropFirst().starts)
      {
        result += [0xC3, 0xA0, 0x20]
        index += 2
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  private static let portuguese = [" ", "quele", "quela", "quilo", "s "].map { Array($0.utf8) }

  private static let space: [ClosedRange<UInt8>] = [0x20...0x20]
  private static let rest: [ClosedRange<UInt8>] = [0x80...0xBF]
  /// Without an ellipsis and what would be a space already.
  private static let letterRest: [ClosedRange<UInt8>] = [0x80...0x84, 0x86...0x9F, 0xA1...0xBF]

  /// Sequences with a space for byte 0xA0, as far as they make likely characters.
  private static let spaced: [Pattern] = [
    [[0xC2...0xC3, 0xC5...0xC5, 0xCE...0xCE, 0xD0...0xD0, 0xD9...0xD9], space],
    [[0xE2...0xE3], space, letterRest],
    [[0xE0...0xE3], letterRest, space],
    [[0xF0...0xF0], space, rest, rest],
    [[0xF0...0xF0], rest, space, rest],
    [[0xF0...0xF0], rest, rest, space],
  ]

  private static let lossy: [Pattern] = {
    let lost: [ClosedRange<UInt8>] = [0x1A...0x1A]
    let perhaps = lost + [0x3F...0x3F]
    let restOrLost = lost + rest
    let any = perhaps + rest
    return [
      [[0xC2...0xDF], lost],
      [[0xC2...0xC3], [0x3F...0x3F]],
      [[0xED...0xED], [0xA0...0xAF], perhaps, [0xED...0xED], [0xB0...0xBF], any],
      [[0xED...0xED], [0xA0...0xAF], any, [0xED...0xED], [0xB0...0xBF], perhaps],
      [[0xE0...0xEF], perhaps, restOrLost],
      [[0xE0...0xEF], restOrLost, perhaps],
      [[0xF0...0xF4], perhaps, restOrLost, restOrLost],
      [[0xF0...0xF4], restOrLost, perhaps, restOrLost],
      [[0xF0...0xF4], restOrLost, restOrLost, perhaps],
      [lost],
    ]
  }()

  /// The first place where a pattern fits, and the first pattern that fits there.
  private static func firstMatch(
    of patterns: [Pattern], in bytes: ArraySlice<UInt8>
  ) -> Range<Int>? {
    for index in bytes.indices {
      let fitting = patterns.first { pattern in
        index + pattern.count <= bytes.endIndex
          && pattern.indices.allSatisfy { offset in
            pattern[offset].contains { $0 ~= bytes[index + offset] }
          }
      }
      if let fitting { return index..<index + fitting.count }
    }
    return nil
  }

  private static func replacing(
    _ patterns: [Pattern], in bytes: [UInt8], by replacement: (ArraySlice<UInt8>) -> [UInt8]
  ) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes[...]
    while let match = firstMatch(of: patterns, in: rest) {
      result += rest[..<match.lowerBound] + replacement(rest[match])
      rest = rest[match.upperBound...]
    }
    return result + rest
  }
}
