/// Repairs UTF-8 that was decoded as one of the single-byte encodings: `cafÃ©`, `itâ€™s`.
///
/// The steps are those of ftfy 6.3's `fix_encoding` (Robyn Speer), which CLIP's clean-up runs, and
/// decide alike in every case, the doubtful ones included.
enum Mojibake {
  /// `text` with every layer of wrong decoding taken off.
  static func fixed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var text = text
    while let better = improved(text) { text = better }
    return text
  }

  /// One layer less; nil if there is nothing to repair or no way to.
  private static func improved(_ text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    guard text.contains(where: { !$0.isASCII }), MojibakeEvidence.isFound(in: text) else {
      return nil
    }
    for (place, encoding) in SingleByteEncoding.all.enumerated() {
      guard var bytes = encoding.encode(text) else { continue }
      // In Mac Roman it would make a non-breaking space of the one after an en dash.
      if place != macRoman { bytes = LostBytes.restoringSpaces(in: bytes) }
      if encoding.keepsLosses { bytes = LostBytes.replacingLosses(in: bytes) }
      if let decoded = decodeUTF8(bytes) { return decoded == text ? nil : decoded }
    }
    let inParts = withFixedParts(text)
    if inParts != text { return inParts }
    let withoutControls = text.map { windows1252(for: $0) }
    return withoutControls == text ? nil : withoutControls
  }

  private static let macRoman = SingleByteEncoding.all.count - 2

  /// What Windows-1252 has in the places of Latin-1's control characters.
  static func windows1252(for scalar: Unicode.Scalar) -> Unicode.Scalar {
    (0x80...0x9F).contains(scalar.value)
      ? SingleByteEncoding.windows1252.upperHalf[Int(scalar.value) - 0x80] : scalar
  }

  // MARK: Parts of a text

  private static let leadOf2 = decoded(0xC2...0xDF)
  private static let leadOf3 = decoded(0xE0...0xEF)
  private static let leadOf4 = decoded([0xF0, 0xF3])
  /// The space stands for a non-breaking one, byte 0xA0.
  private static let continuation = decoded(0x80...0xBF) | " "
  /// Those that would not stand there on their own account.
  private static let strictContinuation: ScalarSet = {
    let all = decoded(0x80...0xBF)
    return ScalarSet { all ~= $0 && !("–—―‘’‚“”„•…" ~= $0) }
  }()

  /// What `bytes` become in the encodings that are alike.
  private static func decoded(_ bytes: some Sequence<Int>) -> ScalarSet {
    ScalarSet(
      bytes.flatMap { byte in SingleByteEncoding.latinLike.map { $0.upperHalf[byte - 0x80] } })
  }

  /// Repairs the runs that look like UTF-8, each on its own, where the text as a whole is of no one
  /// encoding.
  private static func withFixedParts(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < text.count {
      var end = index
      // After such a character a run would be the rest of a longer garble.
      if index == 0 || !(strictContinuation ~= text[index - 1]) {
        while let next = sequenceEnd(in: text, at: end) { end = next }
      }
      if end == index {
        result.append(text[index])
        index += 1
      } else {
        let run = Array(text[index..<end])
        let isWhole = run.count == text.count
        result += !isWhole && MojibakeEvidence.isFound(in: run) ? fixed(run) : run
        index = end
      }
    }
    return result
  }

  /// Where the characters of one UTF-8 sequence end that starts at `index`.
  private static func sequenceEnd(in text: [Unicode.Scalar], at index: Int) -> Int? {
    guard index < text.count else { return nil }
    for (lead, count) in [(leadOf2, 2), (leadOf3, 3), (leadOf4, 4)] where lead ~= text[index] {
      let end = index + count
      if end <= text.count, text[(index + 1)..<end].allSatisfy({ continuation ~= $0 }) {
        return end
      }
    }
    return nil
  }

  // MARK: UTF-8

  /// Strict UTF-8, but also the surrogate pairs of CESU-8 and Java's two bytes for zero.
  static func decodeUTF8(_ bytes: [UInt8]) -> [Unicode.Scalar]? {
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < bytes.count {
      let lead = bytes[index]
      let count: Int
      switch lead {
      case 0..<0x80: count = 1
      case 0xC0 where index + 1 < bytes.count && bytes[index + 1] == 0x80:
        result.append("\0")
        index += 2
        continue
      case 0xC2...0xDF: count = 2
      case 0xE0...0xEF: count = 3
      case 0xF0...0xF4: count = 4
      default: return nil
      }
      guard index + count <= bytes.count else { return nil }
      if lead == 0xED, let scalar = surrogatePair(bytes[index...].prefix(6)) {
        result.append(scalar)
        index += 6
        continue
      }
      var value = count == 1 ? UInt32(lead) : UInt32(lead) & (0x7F >> UInt32(count))
      for byte in bytes[(index + 1)..<(index + count)] {
        guard byte & 0xC0 == 0x80 else { return nil }
        value = value << 6 | UInt32(byte & 0x3F)
      }
      // Surrogates are no scalars; longer forms than needed are no UTF-8.
      let least: [UInt32] = [0, 0, 0x80, 0x800, 0x10000]
      guard value >= least[count], let scalar = Unicode.Scalar(value) else { return nil }
      result.append(scalar)
      index += count
    }
    return result
  }

  private static func surrogatePair(_ slice: ArraySlice<UInt8>) -> Unicode.Scalar? {
    let bytes = Array(slice)
    guard bytes.count == 6, (0xA0...0xAF).contains(bytes[1]), bytes[3] == 0xED,
      (0xB0...0xBF).contains(bytes[4]), bytes[2] & 0xC0 == 0x80, bytes[5] & 0xC0 == 0x80
    else { return nil }
    let high = UInt32(bytes[1] & 0x0F) << 16 | UInt32(bytes[2] & 0x3F) << 10
    let low = UInt32(bytes[4] & 0x0F) << 6 | UInt32(bytes[5] & 0x3F)
    return Unicode.Scalar(0x10000 + (high | low))
  }
}
