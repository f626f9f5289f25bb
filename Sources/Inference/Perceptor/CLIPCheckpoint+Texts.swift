import Execution
import Models
import TensorGraph

extension CLIPCheckpoint {
  /// Embeds `texts` on `device`: [texts][components], not normalised. Only the weights of the text
  /// encoder are read, and of its vocabulary the tokens of the texts.
  ///
  /// - Parameters:
  ///   - vocabulary: The merges to use; nil looks for the model's own.
  ///   - truncating: Cuts off what the model does not read.
  /// - Throws: ``TokenizerError`` for a text that is too long, naming it, or without a vocabulary;
  ///   ``InferenceError``; errors of the device.
  package func embed(
    _ texts: [String], vocabulary: String? = nil, truncating: Bool = false,
    on device: ComputeDevice
  ) throws -> [[Float]] {
    let tokens = try tokens(of: texts, vocabulary: vocabulary, truncating: truncating)
    let length = configuration.contextLength
    let width = configuration.embeddingWidth
    let batch = min(texts.count, Perceptor.largestBatch)
    guard batch > 0 else { return [] }
    let graph = Graph()
    let model = try CLIP(self, in: graph)
    graph.output(
      "embeddings",
      model.text(
        words: graph.input("words", [batch * length, configuration.text.width]),
        ends: graph.input("ends", [batch], .int32)))
    let executable = try device.compile(graph)
    let table = try weights.tensor(CLIP.TextEncoder.vocabularyName)
    var words: [Int32: [Float]] = [:]
    for token in Set(tokens.joined()) { words[token] = try table.row(Int(token)) }
    var result: [[Float]] = []
    for start in stride(from: 0, to: texts.count, by: batch) {
      let part = Array(tokens[start..<min(start + batch, texts.count)])
      let padded = part + Array(repeating: part[0], count: batch - part.count)
      try executable.write("words", padded.joined().flatMap { words[$0]! })
      // The end token has the largest index of the vocabulary, which is how the original finds it.
      let ends = padded.enumerated().map { $0 * length + $1.firstIndex(of: $1.max()!)! }
      try executable.write("ends", integers: ends.map(Int32.init))
      try executable.step()
      let values = try executable.read("embeddings")
      result += part.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
    }
    return try numbers(result)
  }

  /// `embeddings`, all of which are numbers.
  /// - Throws: ``InferenceError/embedding(model:)``.
  func numbers(_ embeddings: [[Float]]) throws(InferenceError) -> [[Float]] {
    guard embeddings.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw .embedding(model: file.path)
    }
    return embeddings
  }

  /// Token ids of each text, padded to the context length.
  package func tokens(
    of texts: [String], vocabulary: String? = nil, truncating: Bool = false
  ) throws -> [[Int32]] {
    let tokenizer = try Vocabulary.tokenizer(
      forModel: file.path, file: vocabulary, size: configuration.vocabularySize)
    return try texts.map {
      try tokenizer.tokens(
        for: $0, contextLength: configuration.contextLength, truncating: truncating)
    }
  }
}
