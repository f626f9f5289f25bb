/// The second input where the first is not 0, else the third; what is not selected does not matter,
/// not even if it is not a number.
package struct Select: PointwiseOp {
  package var name: String { "select" }
  package var operandCount: Int { 3 }
  package func expression(_ x: [String]) -> String { "select(\(x[2]), \(x[1]), \(x[0]) != 0.0f)" }
  package func apply<S: HostScalar>(
    _ x: HostOperands<S>, into output: UnsafeMutablePointer<S>, count: Int
  ) {
    for i in 0..<count { output[i] = x[0][i] != 0 ? x[1][i] : x[2][i] }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let zero = gradient.fullLike(0)
    return [nil, inputs[0].select(gradient, zero), inputs[0].select(zero, gradient)]
  }
}
