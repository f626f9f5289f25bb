import RealModule

/// The Adam optimizer, with PyTorch's formula:
///
///     m ← m + (1 − β₁)(g − m)      v ← β₂·v + (1 − β₂)·g²
///     x ← x − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
///
/// Kingma and Ba, "Adam: a method for stochastic optimization" (ICLR 2015). Composed of pointwise
/// ops, so a step fuses with what surrounds it.
public struct Adam: Hashable, Sendable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Float

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// A parameter with its running moments, all of one shape.
  public struct State {
    public var parameter: Tensor
    public var firstMoment: Tensor
    public var secondMoment: Tensor

    public init(parameter: Tensor, firstMoment: Tensor, secondMoment: Tensor) {
      self.parameter = parameter
      self.firstMoment = firstMoment
      self.secondMoment = secondMoment
    }
  }

  /// The state after a step against `gradient`.
  /// - Parameters:
  ///   - step: the number t of this step, one element; the first is 1, and moments are 0 before.
  ///   - learningRate: one element, or a rate for each element of the parameter.
  public func updated(
    _ state: State, gradient: Tensor, step: Tensor, learningRate: Tensor
  ) -> State {
    let (m, v) = (state.firstMoment, state.secondMoment)
    let firstMoment = m + (gradient - m) * Float(1 - beta1)
    let secondMoment = v * Float(beta2) + gradient * gradient * Float(1 - beta2)
    let scale = learningRate / correction(beta1, step)
    let deviation = secondMoment.squareRoot() / correction(beta2, step).squareRoot() + epsilon
    return State(
      parameter: state.parameter - scale * firstMoment / deviation,
      firstMoment: firstMoment, secondMoment: secondMoment)
  }

  /// ``updated(_:gradient:step:learningRate:)`` with a rate that never changes.
  public func updated(
    _ state: State, gradient: Tensor, step: Tensor, learningRate: Float
  ) -> State {
    updated(state, gradient: gradient, step: step, learningRate: step.filled(learningRate))
  }

  /// 1 − βᵗ, without the cancellation that fp32 suffers for β near 1.
  private func correction(_ beta: Double, _ step: Tensor) -> Tensor {
    -(step * Float(Double.log(beta))).exponentialMinusOne()
  }
}
