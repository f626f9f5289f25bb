/// Elements that follow each other, from `offset` on: no work, the same memory. What becomes of a
/// ``Slice`` that kernels can read where it lies.
package struct View: ViewOp, NonDifferentiable {
  package let offset: Int
  package let shape: Shape

  /// What offsets are multiples of, so that a buffer can begin there on every device, whether
  /// floats are stored or halves: 4096 bytes of halves.
  package static let alignment = 2048

  package var name: String { "view" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let fits = offset >= 0 && offset + shape.elementCount <= inputs[0].elementCount
    try require(fits, "\(inputs[0]) has no \(shape.elementCount) elements from \(offset) on")
    return TensorType(shape, inputs[0].scalar)
  }

  package func stridedView(input: Shape, output: Shape) -> StridedView {
    StridedView(extents: output, strides: output.rowMajorStrides, offset: offset)
  }
}
