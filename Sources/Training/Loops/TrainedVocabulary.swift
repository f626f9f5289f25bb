import Foundation
import Models
import Support

/// The vocabulary that a CLIP is trained with, and which goes beside its weights.
package struct TrainedVocabulary: Sendable {
  package let tokenizer: Tokenizer
  /// Text of the merges file.
  private let merges: String

  /// - Throws: `TokenizerError`.
  package init(merges: String) throws {
    self.merges = merges
    tokenizer = try Tokenizer(merges: merges)
  }

  /// Pairs whose captions a vocabulary is learned from at most.
  private static let pairLimit = 50_000

  /// A vocabulary of `size` tokens, or fewer if the captions give no more.
  /// - Throws: `TrainingDataError` for data without captions.
  package init(learnedFrom data: TrainingData, size: Int, seed: UInt64) throws {
    var learner = VocabularyLearner()
    for caption in try data.captions(ofFirst: Self.pairLimit, seed: seed) { learner.add(caption) }
    try self.init(merges: learner.learn(size: size).text)
  }

  /// The vocabulary in a merges file that is plain text.
  /// - Throws: `TokenizerError`, ``TrainingError/settings(_:)``.
  package init(path: String) throws {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    guard text.hasPrefix("#version") || text.hasPrefix("\"bpe") else {
      throw TrainingError.settings(
        "\(path) is no plain merges file: unpack it, or convert it to merges.txt beside the model")
    }
    try self.init(merges: text)
  }

  package func write(to path: String) throws {
    try AtomicFile.write(Data(merges.utf8), to: path)
  }
}
