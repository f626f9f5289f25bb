import CZlib
import Foundation
import Models
import Support
import TestSupport
import Testing
import Weights

/// A line and hashes of the tokens that the original makes of it; make_tokenizer_lines.py has both.
private struct Line: Decodable {
  let text: String
  let withFixture: UInt32
  let withOriginal: UInt32

  init(from decoder: any Swift.Decoder) throws {
    var values = try decoder.unkeyedContainer()
    text = try values.decode(String.self)
    withFixture = try values.decode(UInt32.self)
    withOriginal = try values.decode(UInt32.self)
  }

  static func all() throws -> [Line] {
    let path = Originals.root + "/Tests/Fixtures/originals/tokenizer_lines.json.gz"
    let packed = try Data(contentsOf: URL(fileURLWithPath: path))
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = packed.withUnsafeBytes {
      czlib_gunzip(
        $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count, 16 << 20, &bytes, &count)
    }
    try #require(status == CZLIB_OK)
    defer { czlib_free(bytes) }
    return try JSONDecoder().decode([Line].self, from: Data(bytes: bytes!, count: count))
  }
}

/// CRC-32 of the ids as little-endian int32.
private func hash(_ ids: [Int]) -> UInt32 {
  ids.map { Int32($0).littleEndian }.withUnsafeBytes { crc32($0) }
}

/// OpenAI's vocabulary, which is not shipped: `$TESSERA_VOCABULARY`, or a download.
private let originalVocabulary: String? = [
  ProcessInfo.processInfo.environment["TESSERA_VOCABULARY"],
  WeightLibrary.installedFolder.map { $0 + "/" + Vocabulary.originalName },
].compactMap { $0 }.first(where: FileManager.default.fileExists)

/// Ten thousand lines: English, accents, every script, emoji, references, mojibake, control
/// characters, very long words.
@Suite struct TokenizerLinesTests {
  private func check(_ tokenizer: Tokenizer, _ expected: (Line) -> UInt32) throws {
    let lines = try Line.all()
    #expect(lines.count == 10_000)
    let unlike = lines.filter { hash(tokenizer.encode($0.text)) != expected($0) }
    #expect(
      unlike.isEmpty,
      "\(unlike.count) lines differ, such as \(unlike.prefix(5).map(\.text.debugDescription))")
  }

  @Test func withTheFixturesMerges() throws {
    try check(Tokenizer(file: Originals.root + "/Tests/Fixtures/merges.txt")) { $0.withFixture }
  }

  @Test(.enabled(if: originalVocabulary != nil, "no bpe_simple_vocab_16e6.txt.gz is here"))
  func withTheOriginalVocabulary() throws {
    let tokenizer = try Tokenizer(file: originalVocabulary!)
    #expect(tokenizer.vocabularyCount == 49_408)
    try check(tokenizer) { $0.withOriginal }
  }
}
