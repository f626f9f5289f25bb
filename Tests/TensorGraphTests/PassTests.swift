import TensorGraph
import Testing

@Suite struct PassTests {
  @Test func equalNodesAreOne() {
    let graph = Graph()
    let x = graph.input("x", [4])
    #expect((x * 2).id == (x * 2).id)
    #expect((x * 2).id != (x * 3).id)
  }

  @Test func neutralElementsVanish() throws {
    let graph = Graph()
    let x = graph.input("x", [4])
    graph.output("y", ((x + 0) * 1 - 0) / 1)
    let trace = try Pipeline.run(graph, verifying: true)
    #expect(trace.nodes.count == 1)
  }

  /// A chain with a broadcast, a slice and a repeated value is one kernel.
  @Test func pointwiseChainsBecomeOneKernel() throws {
    let graph = Graph()
    let x = graph.input("x", [2, 6])
    let bias = graph.input("bias", [3])
    let h = x.sliced(axis: 1, 1..<4) + bias
    graph.output("y", h * h.sigmoid())
    let trace = try Pipeline.run(graph, verifying: true)
    let computed = trace.nodes.filter { !($0.op is Source) }
    #expect(computed.count == 1)
    let program = try #require(computed.first?.op as? FusedPointwise).program
    #expect(program.summary == "multiply(add(x0~,x1~),sigmoid(add(x0~,x1~)))")
    #expect(program.instructions.count == 3)
  }

  /// Rows that an opaque op reads are read where they lie, if a buffer can begin there and the host
  /// does not read them too.
  @Test func slicesOfWholeRowsAreViews() throws {
    let graph = Graph()
    let x = graph.input("x", [3, View.alignment])
    let other = graph.input("other", [3, 5])
    graph.output("view", x.sliced(axis: 0, 2..<3).reshaped([32, 64]).softmax())
    graph.output("copy", other.sliced(axis: 0, 1..<3).softmax())
    graph.output("read", x.sliced(axis: 0, 1..<2))
    let trace = try Pipeline.run(graph, verifying: true)
    let views = trace.nodes.compactMap { $0.op as? View }
    #expect(views.map(\.offset) == [2 * View.alignment])
    let plan = try Plan(graph, device: .test, usesKernels: true)
    #expect(
      plan.loop.compactMap(\.variant).filter { $0 != "softmax_rows" } == ["view_copy", "view_copy"])
  }

  /// Floats are not written over the half of some halves that they are computed from, though they
  /// take as many bytes as all of those.
  @Test func partsAreNotOverwritten() throws {
    let graph = Graph()
    graph.precision = .half
    let halves = graph.input("x", [64, 64]).matmul(graph.input("y", [64, 64]))
    let part = halves.sliced(axis: 0, 32..<64)
    graph.output("product", part.matmul(graph.constant("w", [64, 64], .zeros)))
    graph.output("softmax", part.exponential().softmax())
    let plan = try Plan(graph, device: .test, usesKernels: true)
    let step = try #require(plan.loop.first { $0.variant == "pointwise_fused" })
    let source = plan.storage[plan.trace.nodes[step.node].inputs[0]]
    #expect(plan.offsets[plan.trace.nodes[step.node].inputs[0]] == View.alignment)
    #expect(plan.trace.nodes[source].type.byteCount == plan.trace.nodes[step.node].type.byteCount)
    #expect(plan.placements[step.node] != plan.placements[source])
  }

  /// A value that a reduction needs is stored once; its other reader takes it from there.
  @Test func valuesThatOthersNeedAreStored() throws {
    let graph = Graph()
    let h = graph.input("x", [4, 8]).exponential()
    graph.output("y", h / h.sum(axes: [1]))
    let plan = try Plan(graph, device: .test, usesKernels: true)
    #expect(plan.loop.map(\.variant) == ["pointwise_fused", "reduce_rows", "pointwise_fused"])
  }

  /// What depends on constants alone runs before the first step, and the constant is then free.
  @Test func constantWorkIsDoneOnce() throws {
    let graph = Graph()
    let weight = graph.constant("w", [3, 4], .zeros)
    graph.output("y", weight.permuted([1, 0]).sum(axes: [1]) + graph.input("x", [4, 1]))
    let plan = try Plan(graph, device: .test, usesKernels: true)
    #expect(plan.setup.count == 2 && plan.loop.count == 1)
    #expect(plan.uploads.values.map(\.count) == [1])
  }
}

extension DeviceTraits {
  /// A GPU with nothing special.
  static let test = DeviceTraits(
    deviceClass: .gpu, computeUnits: 16, maxWorkGroupSize: 256, localMemoryBytes: 32768,
    maxAllocationBytes: 1 << 30, alignment: 128)
}
