import Execution
import Models
import TensorGraph

/// One code of eight pictures by a codebook transformer of 10 million weights, in the middle of 256,
/// keys and values of those before being kept.
package struct SamplingStep: StepWork {
  /// Pictures that are sampled at once.
  package var batch = 8

  package init() {}

  package static let configuration = CodebookTransformerConfiguration(
    codes: 1024, tokens: 5120, positions: 271, layers: 8, heads: 5, width: 320, condition: .words,
    conditionLength: 16, rows: 16, columns: 16)

  package var precision: Precision { .full }
  package var title: String { "One code of \(batch) pictures" }

  package var record: WorkRecord {
    let c = Self.configuration
    return WorkRecord(
      kind: "sample", width: c.columns, height: c.rows, batch: batch, precision: precision)
  }

  package func plan(on device: ComputeDevice) throws -> Plan {
    let (graph, c) = (Graph(), Self.configuration)
    let weights = RandomWeights(model: "transformer")
    let model = try CodebookTransformer(c, ModelWeights(weights, in: graph))
    graph.output(
      "logits",
      model.next(
        tokens: graph.input("tokens", [batch], .int32),
        position: graph.input("position", [1], .int32), seen: graph.input("seen", [1], .int32),
        cache: CodebookTransformer.Cache(of: c, count: batch, in: graph)))
    return try device.plan(graph)
  }

  package func begin(_ executable: any Executable) throws {
    let middle = Int32(Self.configuration.sequenceLength / 2)
    try executable.write("tokens", integers: (0..<batch).map { Int32($0) })
    try executable.write("position", integers: [middle])
    try executable.write("seen", integers: [middle + 1])
  }
}
