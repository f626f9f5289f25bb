import Execution
import TensorGraph
import TestSupport
import Testing

/// Ops planned by oneDNN against their own reference in Double.
@Suite struct OneDNNPrimitiveTests {
  /// Every op of the test's graph and of its gradient that oneDNN computes, twice, with the second
  /// input prepared once and as it is. The second run has another first input.
  private func checkPrimitives(_ test: OpCase) throws -> Int {
    let graph = Graph()
    let sources = test.shapes.enumerated().map { graph.input("x\($0)", $1) }
    let output = test.build(sources)
    let weight = graph.input("weight", output.shape)
    let loss = (output * weight).sum(axes: Array(output.shape.indices)).reshaped([])
    _ = graph.gradients(of: loss, withRespectTo: sources)

    var count = 0
    var random = TestRandom(7)
    for node in graph.nodes {
      let types = node.inputs.map { graph.nodes[$0].type }
      for isConstant in [false, true] {
        guard
          let primitive = try OneDNNPrimitive(
            node.op, inputs: types, output: node.type, isSecondConstant: isConstant)
        else { continue }
        count += 1
        let second = random.tensor(types[1].shape).rounded
        let prepared = primitive.preparedCount.map { HostTensor<Float>(shape: [$0]) }
        if let prepared {
          let floats = HostTensor(shape: second.shape, second.values.map(Float.init))
          try primitive.prepare(floats, into: prepared)
        }
        for _ in 0..<2 {
          let inputs = [random.tensor(types[0].shape).rounded, second]
          let expected = node.op.evaluate(inputs, type: node.type).values
          var floats = inputs.map { HostTensor(shape: $0.shape, $0.values.map(Float.init)) }
          if let prepared { floats[1] = prepared }
          let result = HostTensor(
            shape: node.type.shape, [Float](repeating: .nan, count: node.type.elementCount))
          try primitive.run(floats, into: result)
          let scale = max(expected.map(abs).max() ?? 0, 1e-30)
          let worst = zip(result.values, expected).map { abs(Double($0) - $1) }.reduce(0) {
            $1.isNaN ? .infinity : max($0, $1)
          }
          #expect(worst <= test.tolerance * scale, "\(test.label): \(node.op.name) \(types)")
        }
      }
    }
    return count
  }

  @Test(arguments: OpCase.matmul) func matmul(_ test: OpCase) throws {
    // The product and the gradients of both operands, each in two ways.
    #expect(try checkPrimitives(test) == 6)
  }

  @Test(arguments: OpCase.convolution) func convolution(_ test: OpCase) throws {
    #expect(try checkPrimitives(test) == 6)
  }

  @Test func otherOpsHaveNone() throws {
    let graph = Graph()
    let x = graph.input("x", [2, 3])
    for tensor in [x + 1, x.sum(axes: [1])] {
      let primitive = try OneDNNPrimitive(tensor.op, inputs: [x.type, x.type], output: tensor.type)
      #expect(primitive == nil)
    }
  }
}
