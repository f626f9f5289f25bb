import RealModule
import TensorGraph

/// RAdam: Adam whose steps are shortened while the second moment is known of few gradients, and do
/// without it for the first five, with PyTorch's formula:
///
///     ρ∞ = 2 / (1 − β₂) − 1      ρ = ρ∞ − 2t·β₂ᵗ / (1 − β₂ᵗ)
///     r = √((ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ))
///
/// Liu et al., "On the variance of the adaptive learning rate and beyond" (ICLR 2020).
public struct RAdam: Optimizer, Hashable {
  public static let name = "radam"

  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon: Float = 1e-8

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    let (moment, square) = state.moments(of: gradient, beta1, beta2)
    let way = rate / Adam.correction(beta1, state.step) * moment
    let length = length(state.step)
    let largest = 2 / (1 - beta2) - 1
    let tail = Float(largest / ((largest - 4) * (largest - 2)))
    // Below 4 there is no root; what it would be does not count there.
    let longer = length.maximum(length.fullLike(4))
    let rectification = ((longer - 4) * (longer - 2) * tail / longer).squareRoot()
    let adaptive = rectification * Adam.correction(beta2, state.step).squareRoot()
      / (square.squareRoot() + epsilon)
    // 1 up to ρ = 5.
    let isShort = length.fullLike(5).greaterOrEqual(length).broadcast(to: adaptive.shape)
    return parameter - way * isShort.select(adaptive.fullLike(1), adaptive)
  }

  /// ρ, of the number t of a step. In fp32 the difference would lose all its digits for small t, so there
  /// it is t less a series of x = −t·ln β₂: 2t / (eˣ − 1) = −2 / ln β₂ · x / (eˣ − 1).
  private func length(_ step: Tensor) -> Tensor {
    let decay = -Double.log(beta2)
    let largest = 2 / (1 - beta2) - 1
    let x = step * Float(decay)
    let square = x * x
    let series = square
      * (Float(1.0 / 12) - square * (Float(1.0 / 720) - square * (Float(1.0 / 30240) - square / 1_209_600)))
    let early = Float(largest - 2 / decay) + step - Float(2 / decay) * series
    let late = Float(largest) - 2 * step / x.exponentialMinusOne()
    return step.fullLike(Float(1 / decay)).greaterOrEqual(step).select(early, late)
  }
}
