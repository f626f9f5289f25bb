import TensorGraph
import Testing

/// Programs on the host over several blocks and units, with leaves that lie in place, repeat, and
/// must be gathered, against the same arithmetic element by element.
@Suite struct PointwiseProgramTests {
  @Test(arguments: [[300, 96], [7, 5000], [3, 700], [1, 20], [33, 1, 513]])
  func everyKindOfLeaf(shape: [Int]) throws {
    let (count, width) = (shape.reduce(1, *), shape.last!)
    let rows = count / width
    func value(_ index: Int) -> Double { Double(index % 1013) / 8 }
    let views = [
      StridedView.identity(count),
      StridedView(extents: [rows, width], strides: [0, 1]),  // a bias
      StridedView(extents: [rows, width], strides: [1, 0]),  // a factor of each row
      StridedView(extents: [rows, width], strides: [1, rows]),  // transposed
      StridedView(extents: [rows, width], strides: [0, -1], offset: width - 1),  // a flipped bias
      StridedView(extents: [count], strides: [0], offset: 3),  // one number
    ]
    let inputs = views.map { _ in HostTensor(shape: [count + 4], (0..<count + 4).map(value)) }
    let graph = Graph()
    let (a, b) = (graph.input("a", [1]), graph.input("b", [1]))
    func instruction(_ result: Tensor, _ operands: [Int]) throws -> PointwiseProgram.Instruction {
      .init(op: try #require(result.op as? any PointwiseOp), operands: operands)
    }
    let program = PointwiseProgram(
      count: count,
      leaves: views.enumerated().map { PointwiseProgram.Leaf(input: $0, view: $1) },
      instructions: [
        try instruction(a * b, [0, 1]), try instruction(a + b, [6, 2]),
        try instruction(a - b, [7, 3]), try instruction(a * b, [8, 4]),
        try instruction(a + b, [9, 5]),
      ])
    let output = HostTensor<Double>(shape: shape)
    let units = PointwiseProgram.units(count)
    for unit in 0..<units { program.evaluate(inputs, into: output, units: unit..<unit + 1) }
    for index in 0..<count {
      let (row, column) = (index / width, index % width)
      let product = value(index) * value(column) + value(row) - value(column * rows + row)
      #expect(output[index] == product * value(width - 1 - column) + value(3), "\(index)")
      if output[index] != product * value(width - 1 - column) + value(3) { break }
    }
  }
}
