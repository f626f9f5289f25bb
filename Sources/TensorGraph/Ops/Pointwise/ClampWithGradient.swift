/// Clamps to a range; the gradient passes wherever a step against it would not leave the range
/// further.
///
/// A plain clamp has no gradient outside, so a saturated pixel could never come back. (The
/// VQGAN+CLIP notebooks of Katherine Crowson use the same rule.)
package struct ClampWithGradient: UnaryOp {
  private let lowerBits: UInt32
  private let upperBits: UInt32

  package init(_ range: ClosedRange<Float>) {
    lowerBits = range.lowerBound.bitPattern
    upperBits = range.upperBound.bitPattern
  }

  private var lower: Float { Float(bitPattern: lowerBits) }
  private var upper: Float { Float(bitPattern: upperBits) }

  package var name: String { "clamp_with_gradient" }
  package func expression(_ x: [String]) -> String {
    "clamp(\(x[0]), \(openCLLiteral(lower)), \(openCLLiteral(upper)))"
  }
  package func value<S: HostScalar>(_ x: S) -> S { S.minimum(S.maximum(x, S(lower)), S(upper)) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let inward = (gradient * (inputs[0] - output)).greaterOrEqual(gradient.fullLike(0))
    return [gradient * inward]
  }
}
