/// What can go wrong between a prompt and its tokens; `description` is one line.
package enum TokenizerError: Error, Hashable, Sendable {
  /// The merges file cannot be read as text.
  case unreadable(path: String, reason: String)
  /// A line of the merges file is not what it should be.
  case malformed(path: String, line: Int, reason: String)
  /// A prompt has more tokens, start and end included, than the perceptor reads.
  case tooLong(text: String, tokenCount: Int, limit: Int)
}

extension TokenizerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot read merges \(path): \(reason)"
    case .malformed(let path, let line, let reason):
      "\(path), line \(line): \(reason); use the merges that belong to the checkpoint"
    case .tooLong(let text, let tokenCount, let limit):
      "the prompt “\(shortened(text))” is \(tokenCount) tokens long with start and end, the "
        + "perceptor reads \(limit); shorten it"
    }
  }

  /// At most 40 characters, on one line.
  private func shortened(_ text: String) -> String {
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return line.count <= 40 ? line : line.prefix(39) + "…"
  }
}
