/// The value of the first input with the gradient of the second: straight-through estimation.
package struct StraightThrough: PointwiseOp {
  package var name: String { "straight_through" }
  package var operandCount: Int { 2 }
  package func expression(_ x: [String]) -> String { x[0] }
  package func apply<S: HostScalar>(
    _ x: HostOperands<S>, into output: UnsafeMutablePointer<S>, count: Int
  ) {
    output.update(from: x[0], count: count)
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [nil, gradient]
  }
}
