import Execution
import Foundation
import Models
import TensorGraph

extension CLIPCheckpoint {
  /// Embeds `texts` on `device`: [texts][components], not normalised.
  /// - Throws: ``TokenizerError`` for a text that is too long, naming it; errors of the device.
  package func embed(_ texts: [String], on device: ComputeDevice) throws -> [[Float]] {
    let tokens = try tokens(of: texts)
    let length = configuration.contextLength
    let graph = Graph()
    let model = try CLIP(self, in: graph)
    graph.output(
      "embeddings",
      model.text(
        tokens: graph.input("tokens", [texts.count * length], .int32),
        ends: graph.input("ends", [texts.count], .int32)))
    let executable = try device.compile(graph)
    try executable.write("tokens", tokens.flatMap { $0.map(Float.init) })
    // The end token has the largest index of the vocabulary, which is how the original finds it.
    let ends = tokens.enumerated().map { $0 * length + $1.firstIndex(of: $1.max()!)! }
    try executable.write("ends", ends.map(Float.init))
    try executable.step()
    let values = try executable.read("embeddings")
    let width = configuration.embeddingWidth
    return texts.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
  }

  /// Token ids of each text, padded to the context length.
  package func tokens(of texts: [String]) throws -> [[Int32]] {
    let merges = URL(fileURLWithPath: file.path).deletingLastPathComponent()
      .appendingPathComponent("merges.txt")
    let tokenizer = try Tokenizer(mergesFile: merges.path)
    guard tokenizer.vocabularyCount == configuration.vocabularySize else {
      throw ModelError.configuration(
        file: merges.path,
        problem: "makes a vocabulary of \(tokenizer.vocabularyCount) tokens; "
          + "\(file.path) has \(configuration.vocabularySize)")
    }
    return try texts.map {
      try tokenizer.tokens(for: $0, contextLength: configuration.contextLength)
    }
  }
}
