import Foundation
import Models
import TestSupport
import Testing

private let merges = Originals.root + "/Tests/Fixtures/merges.txt"
/// Tokens that the fixture's merges make.
private let size = 742

/// A folder that lives as long as the value.
private final class Folder {
  let path = NSTemporaryDirectory() + "vocabulary-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ data: Data, _ name: String) throws -> String {
    try data.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  /// The fixture's merges as gzip packs them.
  func packed() throws -> Data {
    let output = path + "/packed"
    try Data().write(to: URL(fileURLWithPath: output))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-c", merges]
    process.standardOutput = FileHandle(forWritingAtPath: output)
    try process.run()
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(atPath: output) }
    return try Data(contentsOf: URL(fileURLWithPath: output))
  }

  /// The fixture's merges as Hugging Face writes them.
  func json(pairsAsLists: Bool, end: Int = size - 1) throws -> Data {
    let lines = try String(contentsOfFile: merges, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).dropFirst().dropLast()
    let pairs: [Any] = lines.map { line in
      if pairsAsLists { return line.split(separator: " ").map(String.init) }
      return String(line)
    }
    // Its final line break makes no entry here, so the numbers are one less.
    let vocabulary = ["<|startoftext|>": end - 2, "<|endoftext|>": end - 1]
    return try JSONSerialization.data(
      withJSONObject: ["model": ["vocab": vocabulary, "merges": pairs]])
  }
}

@Suite struct VocabularyTests {
  private let folder: Folder
  private let plain: Tokenizer

  init() throws {
    folder = try Folder()
    plain = try Tokenizer(file: merges)
  }

  @Test func packedIsTheSame() throws {
    let tokenizer = try Tokenizer(file: folder.write(folder.packed(), "vocabulary.gz"))
    #expect(tokenizer.vocabularyCount == size)
    #expect(tokenizer.encode("a blue star") == plain.encode("a blue star"))
  }

  @Test(arguments: [false, true])
  func huggingFacesIsTheSame(pairsAsLists: Bool) throws {
    let data = try folder.json(pairsAsLists: pairsAsLists)
    let tokenizer = try Tokenizer(file: folder.write(data, "tokenizer.json"))
    #expect(tokenizer.vocabularyCount == size - 1)
    #expect(tokenizer.encode("a blue star") == plain.encode("a blue star"))
  }

  @Test func damageIsNamed() throws {
    let packed = try folder.packed()
    for (data, message) in [
      (packed.dropLast(9), "it ends too early"),
      (packed.dropLast(8) + Data(repeating: 0, count: 8), "it is damaged"),
      (packed.prefix(40) + Data(repeating: 0xFF, count: 50), "it is damaged"),
      (Data([0xFF, 0xFE, 0x41]), "it is not UTF-8"),
      (Data("{}".utf8), "no tokenizer.json with a model of byte pairs"),
      (try folder.json(pairsAsLists: false, end: 900), "not numbered as CLIP's"),
    ] {
      let path = try folder.write(Data(data), "file")
      let error = try #require(throws: TokenizerError.self) { try Tokenizer(file: path) }
      #expect(error.description.contains(path) && error.description.contains(message), "\(error)")
      #expect(!error.description.contains("\n"))
    }
    let error = try #require(throws: TokenizerError.self) { try Tokenizer(file: "/none") }
    #expect(error.description.contains("/none: check that it exists"))
  }

  /// A zip bomb of a vocabulary: 65 MB of zeros.
  @Test func sizeIsBounded() throws {
    let bomb = try folder.write(Data(count: 65 << 20), "zeros")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = [bomb]
    try process.run()
    process.waitUntilExit()
    let error = try #require(throws: TokenizerError.self) { try Tokenizer(file: bomb + ".gz") }
    #expect(error.description.contains("over 64 MB unpacked"))
  }

  @Test func isFoundBesideTheModel() throws {
    let model = folder.path + "/model.safetensors"
    let error = try #require(throws: TokenizerError.self) {
      try Vocabulary.tokenizer(forModel: model, size: 1)
    }
    if case .notFound(_, let places) = error {
      #expect(places.count == 4)
      #expect(places.last?.hasSuffix("/tessera/weights/bpe_simple_vocab_16e6.txt.gz") == true)
      for place in places { #expect(error.description.contains(place)) }
    }
    _ = try folder.write(folder.packed(), Vocabulary.originalName)
    #expect(try Vocabulary.tokenizer(forModel: model, size: size).vocabularyCount == size)
    // Hugging Face's comes first.
    _ = try folder.write(folder.json(pairsAsLists: false), "tokenizer.json")
    #expect(try Vocabulary.tokenizer(forModel: model, size: size - 1).vocabularyCount == size - 1)
    #expect(try Vocabulary.tokenizer(forModel: model, file: merges, size: size).endToken == 741)
    let wrong = try #require(throws: TokenizerError.self) {
      try Vocabulary.tokenizer(forModel: model, file: merges, size: 49_408)
    }
    #expect(wrong.description.contains("742 tokens, \(model) has 49408"))
  }
}
