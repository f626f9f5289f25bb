import TensorGraph
import Testing

/// Shape rules of the matrix product, and what its variants ask of a device.
@Suite struct MatMulTests {
  private func outputType(
    _ a: Shape, _ b: Shape, transposeA: Bool = false, transposeB: Bool = false
  ) throws -> TensorType {
    try MatMul(transposeA: transposeA, transposeB: transposeB)
      .outputType(of: [TensorType(a), TensorType(b)])
  }

  @Test func shapes() throws {
    #expect(try outputType([5, 7], [7, 3]) == TensorType([5, 3]))
    #expect(
      try outputType([2, 7, 5], [3, 7], transposeA: true, transposeB: true).shape == [2, 5, 3])
    #expect(try outputType([5, 7], [2, 7, 3]).shape == [2, 5, 3])
  }

  @Test(arguments: [
    ([5, 7], [6, 3]), ([2, 5, 7], [3, 7, 3]), ([7], [7, 3]), ([1, 1, 5, 7], [7, 3]),
  ])
  func rejects(_ a: Shape, _ b: Shape) {
    #expect(throws: ShapeError.self) { try outputType(a, b) }
  }

  @Test func errorNamesBothOperands() {
    let error = #expect(throws: ShapeError.self) {
      try outputType([7, 5], [6, 3], transposeA: true)
    }
    #expect(error?.description == "[7,5]ᵀ has 7 columns, [6,3] has 6 rows")
  }

  /// A batch times a matrix is one tall product, forwards and backwards.
  @Test func flattensBatches() throws {
    let graph = Graph()
    let (x, weight) = (graph.input("x", [4, 3, 5]), graph.input("weight", [2, 5]))
    let y = x.linear(weight: weight)
    let loss = y.sum(axes: [0, 1, 2]).reshaped([])
    for gradient in graph.gradients(of: loss, withRespectTo: [x, weight]) {
      graph.output(gradient.shape.description, gradient)
    }
    graph.output("y", y)
    let products = try Pipeline.run(graph).nodes.filter { $0.op is MatMul }.map(\.type.shape)
    #expect(products == [[12, 2], [12, 5], [2, 5]])
  }

  @Test func reportsTheCost() {
    let inputs = [TensorType([4, 3, 5]), TensorType([5, 2])]
    let cost = MatMul(transposeA: false, transposeB: false)
      .cost(inputs: inputs, output: TensorType([4, 3, 2]))
    #expect(cost == Cost(flops: 2 * 4 * 3 * 5 * 2, bytes: 4 * (60 + 10 + 24)))
  }

  @Test func choosesByDeviceClass() {
    let op = MatMul(transposeA: false, transposeB: false)
    for (deviceClass, name) in [(DeviceTraits.Class.cpu, "matmul_panels"), (.gpu, "matmul_tiled")] {
      let device = DeviceTraits(
        deviceClass: deviceClass, computeUnits: 2, maxWorkGroupSize: 256,
        localMemoryBytes: 32 << 10, maxAllocationBytes: 1 << 30, alignment: 128)
      let context = KernelContext(
        inputs: [TensorType([50, 20]), TensorType([20, 40])], output: TensorType([50, 40]),
        device: device)
      #expect(op.variants.first { $0.accepts(context) }?.name == name)
    }
  }
}
