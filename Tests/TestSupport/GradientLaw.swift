import TensorGraph
import Testing

/// Checks the gradient of a random weighting of the output against central differences in Double.
package func checkGradient(_ test: OpCase, step: Double = 1e-5, tolerance: Double = 2e-6) throws {
  let graph = Graph()
  let sources = test.shapes.enumerated().map { graph.input("x\($0)", $1) }
  let output = test.build(sources)
  let weight = graph.input("weight", output.shape)
  let loss = (output * weight).sum(axes: Array(output.shape.indices)).reshaped([])
  let wanted = test.differentiable ?? Array(sources.indices)
  let gradients = graph.gradients(of: loss, withRespectTo: wanted.map { sources[$0] })

  let inputs = test.inputs()
  var random = TestRandom(99)
  var feeds = ["weight": random.tensor(output.shape)]
  for (index, input) in inputs.enumerated() { feeds["x\(index)"] = input }
  let computed = try graph.interpret(gradients, feeds: feeds)
  for (index, gradient) in zip(wanted, computed) {
    let input = inputs[index]
    let scale = max(1, gradient.values.map(abs).max() ?? 0)
    for element in 0..<input.count {
      let value = input[element]
      input[element] = value + step
      let above = try graph.interpret([loss], feeds: feeds)[0][0]
      input[element] = value - step
      let below = try graph.interpret([loss], feeds: feeds)[0][0]
      input[element] = value
      let expected = (above - below) / (2 * step)
      let close = abs(gradient[element] - expected) <= tolerance * scale
      let place = "\(test.label): input \(index) [\(element)]"
      #expect(close, "\(place): \(gradient[element]), \(expected)")
      if !close { return }
    }
  }
}
