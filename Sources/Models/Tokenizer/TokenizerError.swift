/// What can go wrong between a prompt and its tokens; `description` is one line.
package enum TokenizerError: Error, Hashable, Sendable {
  /// No vocabulary at any of the places where a perceptor's is looked for.
  case notFound(model: String, places: [String])
  /// The vocabulary is another perceptor's.
  case wrongSize(path: String, count: Int, model: String, expected: Int)
  /// The vocabulary cannot be read.
  case unreadable(path: String, reason: String)
  /// A line of the vocabulary is not what it should be.
  case malformed(path: String, line: Int, reason: String)
  /// A prompt has more tokens, start and end included, than the perceptor reads.
  case tooLong(text: String, tokenCount: Int, limit: Int)
}

extension TokenizerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFound(let model, let places):
      "no vocabulary for \(model) (looked for \(places.joined(separator: ", "))): name one with "
        + "--vocabulary, such as CLIP's \(Vocabulary.originalName)"
    case .wrongSize(let path, let count, let model, let expected):
      "\(path): makes a vocabulary of \(count) tokens, \(model) has \(expected); name its own "
        + "with --vocabulary"
    case .unreadable(let path, let reason):
      "cannot read vocabulary \(path): \(reason)"
    case .malformed(let path, let line, let reason):
      "\(path), line \(line): \(reason); use the merges that belong to the checkpoint"
    case .tooLong(let text, let tokenCount, let limit):
      "the prompt “\(shortened(text))” is \(tokenCount) tokens long with start and end, the "
        + "perceptor reads \(limit); shorten it, or cut it off with --truncate"
    }
  }

  /// At most 40 characters, on one line.
  private func shortened(_ text: String) -> String {
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return line.count <= 40 ? line : line.prefix(39) + "…"
  }
}
