import Execution
import Models
import TensorGraph

/// Two programs that share a cache of keys and values: one reads the condition, one a code.
final class CachedPrograms {
  private let first: any Executable
  private let further: any Executable

  init(
    _ checkpoint: CodebookTransformerCheckpoint, sequences: Int, on device: ComputeDevice
  ) throws {
    let c = checkpoint.configuration
    let variables = VariableStore()
    func compile(_ logits: (CodebookTransformer, CodebookTransformer.Cache, Graph) -> Tensor) throws
      -> any Executable
    {
      let graph = Graph()
      let model = try CodebookTransformer(c, ModelWeights(checkpoint.weights, in: graph))
      let cache = CodebookTransformer.Cache(of: c, count: sequences, in: graph)
      graph.output("logits", logits(model, cache, graph))
      return try device.compile(device.plan(graph), variables: variables)
    }
    first = try compile { model, cache, graph in
      model.begin(
        tokens: graph.input("tokens", [sequences * c.conditionLength], .int32), count: sequences,
        start: graph.input("position", [1], .int32), cache: cache)
    }
    further = try compile { model, cache, graph in
      model.next(
        tokens: graph.input("tokens", [sequences], .int32),
        position: graph.input("position", [1], .int32), seen: graph.input("seen", [1], .int32),
        cache: cache)
    }
  }

  /// Logits of the first code, [sequences,codes].
  func begin(_ tokens: [Int32]) throws -> [Float] {
    try first.write("tokens", integers: tokens)
    try first.write("position", integers: [0])
    try first.step()
    return try first.read("logits")
  }

  /// Logits of the code behind `tokens`, one a sequence, which stand at `position`.
  func next(_ tokens: [Int32], at position: Int) throws -> [Float] {
    try further.write("tokens", integers: tokens)
    try further.write("position", integers: [Int32(position)])
    try further.write("seen", integers: [Int32(position + 1)])
    try further.step()
    return try further.read("logits")
  }
}

/// The rows of a window down to that of a code, without a cache: positions in a window change as it
/// slides.
package final class WindowProgram {
  package struct Key: Hashable, Sendable {
    let sequences: Int
    /// Rows of codes, of which the last is told.
    let rows: Int

    package init(sequences: Int, rows: Int) { (self.sequences, self.rows) = (sequences, rows) }
  }

  private let program: any Executable
  private let key: Key
  private let columns: Int
  private let codes: Int

  package init(
    _ checkpoint: CodebookTransformerCheckpoint, _ key: Key, on device: ComputeDevice
  ) throws {
    let c = checkpoint.configuration
    (self.key, columns, codes) = (key, c.columns, c.codes)
    let graph = Graph()
    let model = try CodebookTransformer(c, ModelWeights(checkpoint.weights, in: graph))
    let length = c.conditionLength + key.rows * c.columns - 1
    let tokens = graph.input("tokens", [key.sequences * length], .int32)
    graph.output(
      "logits",
      model.logits(tokens: tokens, count: key.sequences, told: length - c.columns..<length))
    program = try device.compile(graph)
  }

  /// Logits of the code in a column of the last row, [sequences,codes].
  package func logits(_ tokens: [Int32], column: Int) throws -> [Float] {
    try program.write("tokens", integers: tokens)
    try program.step()
    let all = try program.read("logits")
    return (0..<key.sequences).flatMap { sequence in
      let first = (sequence * columns + column) * codes
      return all[first..<first + codes]
    }
  }
}

/// Where a window of codes lies about a code.
package enum SlidingWindow {
  /// The code's place in a window of `window` codes along an axis of `extent`, which begins so many
  /// before it: in the middle, but for the codes near either end.
  ///
  /// `sample_conditional.py` of taming-transformers.
  package static func local(_ index: Int, of extent: Int, window: Int) -> Int {
    let half = window / 2
    if index <= half { return index }
    if extent - index < half { return window - (extent - index) }
    return half
  }
}
