/// Axes in another order: axis k of the output is axis `order[k]` of the input.
package struct Permute: MovementOp {
  package let order: [Int]

  package var name: String { "permute" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let axes = Array(inputs[0].shape.indices)
    try require(order.sorted() == axes, "order \(order) does not name each axis of \(inputs[0])")
    return TensorType(order.map { inputs[0].shape[$0] }, inputs[0].scalar)
  }

  package func stridedView(input: Shape, output: Shape) -> StridedView {
    let strides = input.rowMajorStrides
    return StridedView(extents: output, strides: order.map { strides[$0] })
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let inverse = order.indices.sorted { order[$0] < order[$1] }
    return [gradient.permuted(inverse)]
  }
}
