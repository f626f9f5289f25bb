/// A contiguous range of one axis.
package struct Slice: MovementOp {
  package let axis: Int
  package let start: Int
  package let end: Int

  package var name: String { "slice" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    var shape = inputs[0].shape
    let fits = shape.indices.contains(axis) && 0 <= start && start < end && end <= shape[axis]
    try require(fits, "\(start)..<\(end) is not a range of axis \(axis) of \(inputs[0])")
    shape[axis] = end - start
    return TensorType(shape, inputs[0].scalar)
  }

  package func stridedView(input: Shape, output: Shape) -> StridedView {
    let strides = input.rowMajorStrides
    return StridedView(extents: output, strides: strides, offset: start * strides[axis])
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.padded(axis: axis, before: start, after: inputs[0].shape[axis] - end)]
  }

  /// The same as a view, if its elements follow each other in the input's memory from a place on
  /// where a buffer can begin.
  func view(of input: Shape, _ output: Shape) -> View? {
    let offset = start * input.rowMajorStrides[axis]
    guard input[..<axis].allSatisfy({ $0 == 1 }), offset.isMultiple(of: View.alignment) else {
      return nil
    }
    return View(offset: offset, shape: output)
  }
}
