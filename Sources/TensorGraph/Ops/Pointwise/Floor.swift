/// Largest whole number that is not above the input; its gradient is zero.
package struct Floor: UnaryOp, NonDifferentiable {
  package var name: String { "floor" }
  package func expression(_ x: [String]) -> String { "floor(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { x.rounded(.down) }
}

extension Tensor {
  /// Largest whole number that is not above this one; no gradient passes.
  public func floor() -> Tensor { graph.apply(Floor(), [self]) }
}
