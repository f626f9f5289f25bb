/// Repeats along axes of extent 1 and along new leading axes.
package struct Broadcast: MovementOp {
  package let shape: Shape

  package var name: String { "broadcast" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let input = inputs[0].shape
    let fits = input.count <= shape.count
      && zip(input.reversed(), shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
    try require(fits, "\(inputs[0]) does not broadcast to \(shape)")
    return TensorType(shape, inputs[0].scalar)
  }

  package func stridedView(input: Shape, output: Shape) -> StridedView {
    let padded = Shape(repeating: 1, count: output.count - input.count) + input
    let strides = zip(padded, padded.rowMajorStrides).map { $0 == 1 ? 0 : $1 }
    return StridedView(extents: output, strides: strides)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let input = inputs[0].shape
    let leading = shape.count - input.count
    let axes = shape.indices.filter { $0 < leading || (input[$0 - leading] == 1 && shape[$0] != 1) }
    return [gradient.sum(axes: axes).reshaped(input)]
  }
}
