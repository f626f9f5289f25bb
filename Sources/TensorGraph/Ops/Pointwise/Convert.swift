/// The values of an input of integers as floats.
package struct Convert: UnaryOp, NonDifferentiable {
  package var name: String { "convert" }
  package func expression(_ x: [String]) -> String { x[0] }
  package func value<S: HostScalar>(_ x: S) -> S { x }
}

extension Tensor {
  /// The same values stored as `scalar`, which is float32: int32 and uint8 are converted.
  public func converted(to scalar: ScalarType) -> Tensor {
    precondition(scalar == .float32, "\(type) is converted to float32, not to \(scalar)")
    return type.scalar == .float32 ? self : graph.apply(Convert(), [self])
  }
}
