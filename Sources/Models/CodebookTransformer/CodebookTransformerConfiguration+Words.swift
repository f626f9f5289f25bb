extension CodebookTransformerConfiguration {
  /// Tokens of a caption in front of the codes: its words, and the end of a text as often as it takes to
  /// fill the condition. A caption that is too long is cut.
  /// - Parameter words: tokens of the caption, without start and end.
  package func condition(ofWords words: [Int], in tokenizer: Tokenizer) -> [Int32] {
    let own = words.prefix(conditionLength)
    let ends = Array(repeating: tokenizer.endToken, count: conditionLength - own.count)
    return (own + ends).map { Int32(codes + $0) }
  }
}
