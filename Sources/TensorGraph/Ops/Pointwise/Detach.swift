/// Its input, through which no gradient passes: `stop_gradient` elsewhere.
package struct Detach: UnaryOp, NonDifferentiable {
  package var name: String { "detach" }
  package func expression(_ x: [String]) -> String { x[0] }
  package func value<S: HostScalar>(_ x: S) -> S { x }
}

extension Tensor {
  /// The same values, which gradients take as constant.
  public func detached() -> Tensor { graph.apply(Detach(), [self]) }
}
