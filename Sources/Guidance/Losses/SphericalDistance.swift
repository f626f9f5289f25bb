import TensorGraph

/// Squared distance on the unit sphere between each embedding and the target, both normalised:
/// 2·asin(‖a − b‖ / 2)², which is half the squared angle between them.
///
/// Kept from the two points where its slope is not finite in floating point: a = b, where it is 0,
/// and a = −b, where it is π² / 2.
/// - Parameters:
///   - embeddings: [n,D], of any length but zero.
///   - target: [D].
/// - Returns: [n], from 0 to π² / 2.
public func sphericalDistance(_ embeddings: Tensor, _ target: Tensor) -> Tensor {
  let difference = normalized(embeddings) - normalized(target.reshaped([1, -1]))
  let squared = (difference * difference).sum(axes: [1])
  let inside = squared.maximum(squared.fullLike(1e-12)).minimum(squared.fullLike(4 - 1e-6))
  let halfAngle = (inside.squareRoot() * 0.5).arcSine()
  return (2 * halfAngle * halfAngle).reshaped([embeddings.shape[0]])
}

/// The rows of [n,D] divided by their length.
private func normalized(_ x: Tensor) -> Tensor {
  let squared = (x * x).sum(axes: [1])
  return x / squared.maximum(squared.fullLike(1e-24)).squareRoot()
}
