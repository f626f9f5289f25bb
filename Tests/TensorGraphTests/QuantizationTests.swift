import TensorGraph
import TestSupport
import Testing

@Suite struct QuantizationTests {
  @Test func firstOfEquallyNear() throws {
    let graph = Graph()
    let codebook = graph.literal([3, 0, 1, 0, -1, 0, 1, 0], [4, 2])
    let z = graph.literal([0, 0, 0, 5, 2.1, 0, -9, 1], [4, 2])
    #expect(try graph.interpret([z.nearestCodes(in: codebook)])[0].values == [1, 1, 0, 2])
  }

  /// Codes a hair apart and far from the origin keep their order in fp32.
  @Test func nearFarFromOrigin() {
    let codes = HostTensor<Float>(shape: [2, 9], (0..<18).map { 1000 + Float($0 / 9) * 0.001 })
    let z = HostTensor<Float>(shape: [1, 9], [Float](repeating: 1000.002, count: 9))
    #expect(NearestCode().evaluate([z, codes], type: TensorType([1], .int32)).values == [1])
  }

  @Test func indicesOutsideTheTable() {
    let table = HostTensor<Double>(shape: [2, 1], [5, 6])
    let indices = HostTensor<Double>(shape: [3], [-4, 1, 9])
    #expect(Gather().evaluate([table, indices], type: TensorType([3, 1])).values == [5, 6, 6])
    let sums = GatherGradTable(rows: 2).evaluate(
      [HostTensor(shape: [3, 1], [1, 2, 4]), indices], type: TensorType([2, 1]))
    #expect(sums.values == [1, 6])
  }

  @Test func shapesThatDoNotFit() {
    let codebook = TensorType([4, 2])
    for z in [[3, 3], [2], [1, 3, 2]] {
      #expect(throws: ShapeError.self) {
        try NearestCode().outputType(of: [TensorType(z), codebook])
      }
    }
    #expect(throws: ShapeError.self) { try Gather().outputType(of: [codebook, TensorType([3])]) }
    #expect(throws: ShapeError.self) {
      try GatherGradTable(rows: 2).outputType(of: [codebook, TensorType([3], .int32)])
    }
  }
}
