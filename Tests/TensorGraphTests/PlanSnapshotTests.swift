import Foundation
import TensorGraph
import TestSupport
import Testing

/// Two small plans as text, so that a change of passes, kernels or memory shows as a diff and a
/// pure refactoring shows none. `TESSERA_RECORD=1 swift test …` writes them anew.
@Suite struct PlanSnapshotTests {
  /// VQGAN's residual block and the gradient to its input.
  @Test func residualBlock() throws {
    let graph = Graph()
    let x = graph.variable("x", [1, 16, 16, 32], .float32, .zeros)
    func convolved(_ x: Tensor, _ name: String) -> Tensor {
      let scale = graph.constant("\(name).norm", [32], .zeros)
      let weight = graph.constant("\(name).weight", [32, 32, 3, 3], .zeros)
      let bias = graph.constant("\(name).bias", [32], .zeros)
      let h = x.groupNorm(groups: 8, weight: scale, bias: bias).swish()
      return h.conv2d(weight.permuted([2, 3, 1, 0]), padding: 1) + bias
    }
    let loss = (x + convolved(convolved(x, "conv1"), "conv2")).mean()
    graph.output("loss", loss)
    graph.update(x, to: x - 0.1 * graph.gradients(of: loss, withRespectTo: [x])[0])
    try check(graph, "residual-block")
  }

  /// CLIP's attention and perceptron, forward.
  @Test func transformerBlock() throws {
    let graph = Graph()
    let x = graph.input("x", [2, 17, 64])
    func weight(_ name: String, _ shape: Shape) -> Tensor { graph.constant(name, shape, .zeros) }
    let norm = (weight("norm.weight", [64]), weight("norm.bias", [64]))
    let h = x.layerNorm(weight: norm.0, bias: norm.1)
    let parts = ["q", "k", "v"].map {
      h.linear(weight: weight($0, [64, 64]), bias: weight("\($0).bias", [64]))
        .reshaped([2, 17, 1, 64])
    }
    let mixed = parts[0].attention(keys: parts[1], values: parts[2], scale: 0.125)
      .reshaped([2, 17, 64])
      .linear(weight: weight("out", [64, 64]), bias: weight("out.bias", [64]))
    let attended = x + mixed
    let expanded = attended.layerNorm(weight: norm.0, bias: norm.1)
      .linear(weight: weight("fc", [256, 64]), bias: weight("fc.bias", [256])).quickGELU()
    graph.output("y", attended + expanded.linear(weight: weight("proj", [64, 256])))
    try check(graph, "transformer-block")
  }

  private func check(_ graph: Graph, _ name: String) throws {
    let text = try Plan(graph, device: .test, usesKernels: true).description + "\n"
    let path = "\(Originals.root)/Tests/Fixtures/plans/\(name).txt"
    if ProcessInfo.processInfo.environment["TESSERA_RECORD"] != nil {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOfFile: path, encoding: .utf8)
    for (line, (new, old)) in zip(text.split(separator: "\n"), expected.split(separator: "\n"))
      .enumerated()
    {
      #expect(new == old, "\(name).txt, line \(line + 1)")
    }
    #expect(text.count == expected.count, "\(name).txt has another length")
  }
}
