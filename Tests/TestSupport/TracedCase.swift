import TensorGraph

/// A case as a graph: its output, the gradient of a random weighting of the output, and values for
/// every source, rounded to fp32 as a device would be given them.
package struct TracedCase {
  package let graph = Graph()
  /// The output, then the gradient for each input the case differentiates.
  package let targets: [Tensor]
  package let feeds: [String: HostTensor<Double>]

  package init(_ test: OpCase) {
    let sources = test.shapes.enumerated().map { [graph] in graph.input("x\($0)", $1) }
    let output = test.build(sources)
    let weight = graph.input("weight", output.shape)
    var targets = [output]
    if test.differentiable != [] {
      let loss = (output * weight).sum(axes: Array(output.shape.indices)).reshaped([])
      let wanted = test.differentiable ?? Array(sources.indices)
      targets += graph.gradients(of: loss, withRespectTo: wanted.map { sources[$0] })
    }
    self.targets = targets
    var random = TestRandom(99)
    var feeds = ["weight": random.tensor(output.shape).rounded]
    for (index, input) in test.inputs().enumerated() { feeds["x\(index)"] = input.rounded }
    self.feeds = feeds
  }
}

extension HostTensor<Double> {
  /// Every value rounded to fp32.
  package var rounded: HostTensor<Double> {
    HostTensor(shape: shape, values.map { Double(Float($0)) })
  }
}

/// Largest difference of two lists relative to the largest value of the second; infinite for NaN.
package func relativeError(_ computed: [Double], _ expected: [Double]) -> Double {
  let worst = zip(computed, expected).map { abs($0 - $1) }.reduce(0) {
    $1.isNaN ? .infinity : max($0, $1)
  }
  return computed.count == expected.count
    ? worst / max(expected.map(abs).max() ?? 0, 1e-30) : .infinity
}
