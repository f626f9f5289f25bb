/// One axis in reverse order.
package struct Flip: MovementOp {
  package let axis: Int

  package var name: String { "flip" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(inputs[0].shape.indices.contains(axis), "\(inputs[0]) has no axis \(axis)")
    return inputs[0]
  }

  package func stridedView(input: Shape, output: Shape) -> StridedView {
    var strides = input.rowMajorStrides
    let offset = strides[axis] * (input[axis] - 1)
    strides[axis] = -strides[axis]
    return StridedView(extents: output, strides: strides, offset: offset)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.flipped(axis: axis)]
  }
}
