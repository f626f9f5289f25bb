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

  package func write(to path: String) throws {
    try AtomicFile.write(Data(merges.utf8), to: path)
  }
}
