import TensorGraph
import Testing

/// The part of a model and the line that errors, plans and profiles name.
@Suite struct ScopeTests {
  @Test func aShapeErrorNamesOperandsWeightScopeAndLine() throws {
    let graph = Graph()
    let x = graph.input("x", [1, 16, 16, 32])
    let weight = graph.constant("vqgan.ckpt:decoder.up.2.conv1.weight", [128, 64, 3, 3], .zeros)
    let (h, line) = graph.scope("decoder") { (x.flipped(axis: 1), #line) }
    let op = Conv2D(
      ConvolutionGeometry(stride: Sides(1, 1), padding: Padding(all: 1), dilation: Sides(1, 1)))
    var failure: TracingError?
    let opened = #line + 2
    do {
      try graph.scope("decoder") { try graph.scope("up.2") {
        _ = try graph.add(op, [h, weight.permuted([2, 3, 1, 0])])
      } }
    } catch { failure = error as? TracingError }
    #expect(
      failure?.description == """
        conv2d: weight [3,3,64,128] has 64 input channels, x [1,16,16,32] has 32
          in decoder/up.2, at TensorGraphTests/ScopeTests.swift:\(opened)
          input 0: flip [1,16,16,32] of decoder, TensorGraphTests/ScopeTests.swift:\(line)
          input 1: permute [3,3,64,128] of weight vqgan.ckpt:decoder.up.2.conv1.weight
        """)
  }

  /// A trap is reported at the line of the expression, not inside the library.
  @Test func aShapeErrorTraps() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      _ = graph.input("x", [2, 3]) + graph.input("y", [2, 4])
    }
  }

  /// Fused kernels have the scope of their root; gradients that of the part they lead through.
  @Test func plansNameScopes() throws {
    let graph = Graph()
    let x = graph.variable("x", [4, 8], .float32, .zeros)
    let w = graph.constant("w", [8, 8], .zeros)
    let h = graph.scope("first") { x.matmul(w) }
    let y = graph.scope("second") { (h + 1).sigmoid() }
    let loss = graph.scope("loss") { y.sum(axes: [0, 1]).reshaped([]) }
    graph.output("loss", loss)
    graph.update(x, to: x - graph.gradients(of: loss, withRespectTo: [x])[0])
    let text = try Plan(graph, device: .test, usesKernels: true).description
    let lines = text.split(separator: "\n").filter { $0.contains("FLOP in ") }
    let scopes = lines.map { $0.split(separator: "FLOP in ")[1] }
    #expect(scopes == ["first", "loss", "second, gradient", "first, gradient"])
  }
}
