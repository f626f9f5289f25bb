import RealModule

/// eˣ − 1, exact near zero.
package struct ExponentialMinusOne: PointwiseOp {
  package var name: String { "expm1" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "expm1(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.expMinusOne($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * (output + 1)]
  }
}

extension Tensor {
  /// eˣ − 1, exact near zero.
  public func exponentialMinusOne() -> Tensor { graph.apply(ExponentialMinusOne(), [self]) }
}
