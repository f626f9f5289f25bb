import Execution
import OpenCLRuntime
import TensorGraph
import TestSupport
import Testing

/// Programs in little memory give the same bytes as in much, on every device.
@Suite struct RematerializationTests {
  @Test(arguments: 0..<6) func resultsAreTheSameToTheBit(_ seed: UInt64) throws {
    try checkInLittleMemory(Graph.random(seed))
  }

  /// What is forgotten has parts that are read where they lie.
  @Test func partsAreComputedAgainWithTheirWhole() throws {
    let graph = Graph()
    var random = TestRandom(5)
    func values(_ scale: Double) -> InitialValue {
      .values(random.tensor([64, 64], in: -scale...scale).values.map(Float.init))
    }
    let x = graph.variable("x", [64, 64], .float32, values(1))
    var h = x
    for layer in 0..<6 {
      let whole = h.matmul(graph.constant("w\(layer)", [64, 64], values(0.3))).softmax()
      let (a, b) = (whole.sliced(axis: 0, 0..<32), whole.sliced(axis: 0, 32..<64))
      let product = a.matmul(b, transposeB: true).matmul(b)
      h = h * h.sigmoid() + product.concatenated(with: product * b.sum(axes: [1]), axis: 0)
    }
    let loss = (h * h).mean()
    graph.output("loss", loss)
    graph.output("y", h)
    graph.update(x, to: x - 0.5 * graph.gradients(of: loss, withRespectTo: [x])[0])
    #expect(try Pipeline.run(graph).nodes.contains { $0.op is View })
    try checkInLittleMemory(graph)
  }

  private func checkInLittleMemory(_ graph: Graph) throws {
    for device in ComputeDevice.all() {
      let whole = try device.plan(graph)
      let expected = try run(device.compile(whole))
      var repeated = 0.0
      for percent in [80, 60, 50] {
        var limited = device
        limited.memoryLimit =
          whole.ownBytes + (whole.totalBytes - whole.ownBytes) * percent / 100
        guard let plan = try? limited.plan(graph) else { continue }
        try plan.checkMemory()
        repeated = max(repeated, plan.repeatedShare)
        #expect(try run(limited.compile(plan)) == expected, "\(percent) % on \(device)")
      }
      #expect(repeated > 0, "\(device)")
    }
  }

  /// Losses and everything else there is after three steps.
  private func run(_ executable: any Executable) throws -> [Float] {
    var losses: [Float] = []
    for _ in 0..<3 {
      try executable.step()
      losses += try executable.read("loss")
    }
    return try losses + executable.read("y") + executable.read("x")
  }

  @Test func withoutAFitTheErrorSaysWhatItTakes() throws {
    for device in ComputeDevice.all() {
      var limited = device
      limited.memoryLimit = 1 << 10
      let error = #expect(throws: ExecutionError.self) { try limited.plan(Graph.random(0)) }
      guard case .outOfMemory(_, let needed, 1 << 10) = error else {
        Issue.record("\(device): \(String(describing: error))")
        continue
      }
      limited.memoryLimit = needed
      #expect(try limited.plan(Graph.random(0)).totalBytes <= needed)
    }
  }
}
