import RealModule
import TensorGraph

/// The Adam optimizer, with PyTorch's formula:
///
///     m ← m + (1 − β₁)(g − m)      v ← β₂·v + (1 − β₂)·g²
///     x ← x − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
///
/// Kingma and Ba, "Adam: a method for stochastic optimization" (ICLR 2015). Composed of pointwise
/// ops, so a step fuses with what surrounds it.
public struct Adam: Optimizer, Hashable {
  public static let name = "adam"

  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon: Float = 1e-8

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    let (firstMoment, secondMoment) = state.moments(of: gradient, beta1, beta2)
    let scale = rate / Self.correction(beta1, state.step)
    let deviation = secondMoment.squareRoot() / Self.correction(beta2, state.step).squareRoot() + epsilon
    return parameter - scale * firstMoment / deviation
  }

  /// 1 − βᵗ, without the cancellation that fp32 suffers for β near 1.
  static func correction(_ beta: Double, _ step: Tensor) -> Tensor {
    -(step * Float(Double.log(beta))).exponentialMinusOne()
  }
}

extension OptimizerState {
  /// Running means of the gradient and of its square, of which every kin of Adam is made.
  mutating func moments(
    of gradient: Tensor, _ beta1: Double, _ beta2: Double
  ) -> (first: Tensor, second: Tensor) {
    let (m, v) = (self["first moment"], self["second moment"])
    let first = m + (gradient - m) * Float(1 - beta1)
    let second = v * Float(beta2) + gradient * gradient * Float(1 - beta2)
    (self["first moment"], self["second moment"]) = (first, second)
    return (first, second)
  }
}
