/// 1 for a number, 0 for an infinity or what is not a number.
package struct IsFinite: UnaryOp, NonDifferentiable {
  package var name: String { "is_finite" }
  package func expression(_ x: [String]) -> String { "is_finite(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { x.isFinite ? 1 : 0 }
}
