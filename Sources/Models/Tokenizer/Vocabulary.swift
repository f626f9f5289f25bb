import CZlib
import Foundation
import Weights

/// Finds and reads the merges that belong to a perceptor.
///
/// They come in three dresses: OpenAI's `bpe_simple_vocab_16e6.txt`, packed by gzip or not, and
/// Hugging Face's `merges.txt` and `tokenizer.json`.
package enum Vocabulary {
  /// OpenAI's file, as its repository calls it.
  package static let originalName = "bpe_simple_vocab_16e6.txt.gz"

  /// The tokenizer of the perceptor at `model`.
  ///
  /// - Parameters:
  ///   - file: The vocabulary to use; nil looks beside the model, then in the library of downloads.
  ///   - size: Rows of the perceptor's token embedding.
  /// - Throws: `TokenizerError.notFound` with the places looked at; `.wrongSize` if the vocabulary
  ///   is another perceptor's; what reading it throws.
  package static func tokenizer(
    forModel model: String, file: String? = nil, size: Int
  ) throws(TokenizerError) -> Tokenizer {
    let places = file.map { [$0] } ?? candidates(forModel: model)
    guard let path = file ?? places.first(where: FileManager.default.fileExists) else {
      throw .notFound(model: model, places: places)
    }
    let tokenizer = try Tokenizer(file: path)
    guard tokenizer.vocabularyCount == size else {
      throw .wrongSize(
        path: path, count: tokenizer.vocabularyCount, model: model, expected: size)
    }
    return tokenizer
  }

  /// The vocabulary that is read for the perceptor at `model` where none is named; nil if there is
  /// none.
  package static func path(forModel model: String) -> String? {
    candidates(forModel: model).first(where: FileManager.default.fileExists)
  }

  /// Places where the vocabulary of the perceptor at `model` is looked for, the first of which counts.
  static func candidates(forModel model: String) -> [String] {
    let folder = URL(fileURLWithPath: model).deletingLastPathComponent()
    let names = ["merges.txt", "tokenizer.json", originalName]
    return names.map { folder.appendingPathComponent($0).path }
      + [WeightLibrary.installedFolder].compactMap { $0.map { "\($0)/\(originalName)" } }
  }
}

extension Tokenizer {
  /// No vocabulary is larger unpacked; CLIP's is 3 MB.
  private static let sizeLimit = 64 << 20

  /// Reads a vocabulary: a merges file, packed by gzip or not, or a `tokenizer.json`.
  ///
  /// - Throws: `TokenizerError` if the file cannot be read or is not what it should be.
  package init(file path: String) throws(TokenizerError) {
    var data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .unreadable(path: path, reason: "check that it exists and is a readable file")
    }
    if data.starts(with: [0x1F, 0x8B]) { data = try Self.unpacked(data, path: path) }
    guard let text = String(data: data, encoding: .utf8) else {
      throw .unreadable(path: path, reason: "it is not UTF-8 text; download it again")
    }
    if text.first == "{" {
      try self.init(json: data, name: path)
    } else {
      try self.init(merges: text, name: path)
    }
  }

  private static func unpacked(_ packed: Data, path: String) throws(TokenizerError) -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = packed.withUnsafeBytes {
      czlib_gunzip(
        $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count, sizeLimit, &bytes, &count)
    }
    defer { czlib_free(bytes) }
    switch status {
    case CZLIB_OK: return bytes.map { Data(bytes: $0, count: count) } ?? Data()
    case CZLIB_TRUNCATED:
      throw .unreadable(path: path, reason: "it ends too early; download it again")
    case CZLIB_TOO_LARGE:
      throw .unreadable(path: path, reason: "it is no vocabulary, being over 64 MB unpacked")
    default: throw .unreadable(path: path, reason: "it is damaged; download it again")
    }
  }

  /// The parts of Hugging Face's `tokenizer.json` that make the tokens.
  private struct File: Decodable {
    struct Model: Decodable {
      let vocab: [String: Int]
      let merges: [Pair]
    }
    /// One string with a space between, or a list of two.
    struct Pair: Decodable {
      let line: String
      init(from decoder: any Swift.Decoder) throws {
        let container = try decoder.singleValueContainer()
        line =
          try (try? container.decode(String.self))
          ?? container.decode([String].self).joined(separator: " ")
      }
    }
    let model: Model
  }

  /// Reads the text of a `tokenizer.json`.
  package init(json data: Data, name: String) throws(TokenizerError) {
    let file: File
    do { file = try JSONDecoder().decode(File.self, from: data) } catch {
      throw .unreadable(path: name, reason: "it is no tokenizer.json with a model of byte pairs")
    }
    let lines = ["#version: tokenizer.json"] + file.model.merges.map(\.line)
    try self.init(merges: lines.joined(separator: "\n"), name: name)
    let special = [(WordSplitter.startOfText, startToken), (WordSplitter.endOfText, endToken)]
    for (text, token) in special where file.model.vocab[text] != token {
      throw .unreadable(
        path: name, reason: "its tokens are not numbered as CLIP's (\(text) should be \(token))")
    }
  }
}
