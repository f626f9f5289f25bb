/// The same elements under another shape: no work, the same memory.
package struct Reshape: ViewOp {
  package let shape: Shape

  package var name: String { "reshape" }
  package var offset: Int { 0 }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(
      shape.elementCount == inputs[0].elementCount,
      "\(inputs[0]) has \(inputs[0].elementCount) elements, \(shape) has \(shape.elementCount)")
    return TensorType(shape, inputs[0].scalar)
  }

  package func stridedView(input: Shape, output: Shape) -> StridedView { .identity(output.elementCount) }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.reshaped(inputs[0].shape)]
  }
}
