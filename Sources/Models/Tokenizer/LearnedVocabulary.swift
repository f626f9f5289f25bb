import Foundation
import Support

/// A vocabulary that captions have made: merges in the order of their ranks.
package struct LearnedVocabulary: Hashable, Sendable {
  /// Two symbols that merge into one.
  package struct Pair: Hashable, Sendable {
    package let left, right: String

    package init(_ left: String, _ right: String) { (self.left, self.right) = (left, right) }
  }

  package let pairs: [Pair]

  package init(pairs: [Pair]) { self.pairs = pairs }

  /// Tokens of its ``tokenizer()``: fewer than asked for where the captions had no more pairs.
  package var size: Int { Vocabulary.minSize + pairs.count }

  /// The text of its merges file: a version line, then a pair a line.
  package var text: String {
    "#version: 0.2\n" + pairs.map { "\($0.left) \($0.right)\n" }.joined()
  }

  /// The tokenizer that uses these merges.
  package func tokenizer() -> Tokenizer {
    // A text of this form is always a vocabulary.
    try! Tokenizer(merges: text, name: "learned merges")
  }

  /// Writes the merges; `merges.txt` beside a checkpoint is found as its vocabulary.
  ///
  /// - Throws: `FileError.unwritable`.
  package func write(to path: String) throws(FileError) {
    try AtomicFile.write(Data(text.utf8), to: path)
  }
}
