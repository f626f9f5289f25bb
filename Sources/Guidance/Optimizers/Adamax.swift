import TensorGraph

/// Adamax, Adam by the infinity norm, with PyTorch's formula:
///
///     m ← m + (1 − β₁)(g − m)      u ← max(β₂·u, |g| + ε)      x ← x − rate / (1 − β₁ᵗ) · m / u
///
/// Kingma and Ba, "Adam: a method for stochastic optimization" (ICLR 2015), section 7.
public struct Adamax: Optimizer, Hashable {
  public static let name = "adamax"

  public var beta1 = 0.9
  public var beta2: Float = 0.999
  public var epsilon: Float = 1e-8

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    let (m, u) = (state["first moment"], state["infinity norm"])
    let moment = m + (gradient - m) * Float(1 - beta1)
    let norm = (u * beta2).maximum(gradient.absolute() + epsilon)
    (state["first moment"], state["infinity norm"]) = (moment, norm)
    return parameter - rate / Adam.correction(beta1, state.step) * moment / norm
  }
}
