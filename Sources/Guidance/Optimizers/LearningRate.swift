import TensorGraph

/// Learning rates of a descent's steps: along half a cosine from the first rate to a share of it, so
/// that the picture settles.
///
/// Loshchilov and Hutter, "SGDR" (ICLR 2017), without restarts.
public struct LearningRate: Hashable, Sendable {
  /// Share of the first rate that is left at the last step.
  private static let finalShare: Float = 1 / 8

  /// Rate of the first step, in units of the parameters.
  public var initial: Float
  /// Steps of the whole descent.
  public var steps: Int

  public init(_ initial: Float, steps: Int) { (self.initial, self.steps) = (initial, steps) }

  /// Rates of the steps of these numbers, from 1.
  package func at(_ step: Tensor) -> Tensor {
    let last = step.fullLike(Float(max(1, steps - 1)))
    let progress = (step - 1).minimum(last) / last
    let swing = 0.5 * (1 + (Float.pi * progress).cosine())
    return initial * (Self.finalShare + (1 - Self.finalShare) * swing)
  }
}
