import TensorGraph
import Testing

/// Who lies where, and when.
@Suite struct LivenessTests {
  /// A chain of kernels that something keeps apart works in one place.
  @Test func aPointwiseKernelWritesOverWhatItReadsLast() throws {
    let graph = Graph()
    let x = graph.input("x", [64, 64])
    let h = x.matmul(x).softmax().exponential().softmax()
    graph.output("y", h.sum(axes: [0]))
    let plan = try Plan(graph, device: .test, usesKernels: true)
    let fused = try #require(plan.loop.first { $0.variant == "pointwise_fused" })
    let read = plan.storage[plan.trace.nodes[fused.node].inputs[0]]
    #expect(plan.placements[fused.node] == plan.placements[read])
  }

  /// What is read elsewhere too, or again later, or through a movement, keeps its place.
  @Test(arguments: [
    { @Sendable (h: Tensor) in h.permuted([1, 0]).exponential() },
    { @Sendable (h: Tensor) in h.exponential() + h.permuted([1, 0]) },
    { @Sendable (h: Tensor) in h.exponential().softmax() + h },
  ])
  func whatIsStillReadIsNotWrittenOver(_ body: @Sendable (Tensor) -> Tensor) throws {
    let graph = Graph()
    let h = graph.input("x", [64, 64]).softmax()
    graph.output("y", body(h).sum(axes: [0]))
    let plan = try Plan(graph, device: .test, usesKernels: true)
    let read = plan.loop[0].node
    let fused = try #require(plan.loop.first { $0.variant == "pointwise_fused" })
    #expect(plan.trace.nodes[fused.node].inputs.contains(read))
    #expect(plan.placements[fused.node] != plan.placements[read])
  }

  /// A weight that the set-up alone reads lies in an arena, so that it is no extra.
  @Test func constantsOfTheSetupAreNoExtra() throws {
    let graph = Graph()
    let weight = graph.constant("w", [256, 256], .zeros)
    let x = graph.input("x", [4096, 256])
    graph.output("y", x.matmul(weight.permuted([1, 0]) * 2).sum(axes: [0]))
    let plan = try Plan(graph, device: .test, usesKernels: true)
    let bytes = 256 * 256 * 4
    #expect(plan.uploads.count == 1)
    #expect(plan.ownBytes == bytes + 16 * bytes + 256 * 4)
    #expect(plan.arenas.reduce(0, +) == 16 * bytes)
  }

  /// All that is made of a weight is made before the next is read.
  @Test func theSetupHoldsOneWeightAtATime() throws {
    let graph = Graph()
    let x = graph.input("x", [64, 64])
    let read = (0..<8).map {
      graph.constant("w\($0)", [64, 64], .zeros).permuted([1, 0]).softmax()
    }
    let kept = read.map { $0.flipped(axis: 0).softmax() }
    graph.output("y", kept.map { x.matmul($0).sum(axes: [0]) }.reduce(x.sum(axes: [0]), +))
    let plan = try Plan(graph, device: .test, usesKernels: true)
    #expect(plan.setup.count >= 24)
    #expect(plan.setupBytes - plan.ownBytes <= 2 * 64 * 64 * 4)
  }
}
