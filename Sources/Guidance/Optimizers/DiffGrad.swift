import TensorGraph

/// diffGrad: Adam whose momentum is damped, down to a half, where a gradient hardly differs from the last:
///
///     x ← x − rate / (1 − β₁ᵗ) · √(1 − β₂ᵗ) · σ(|g − g₋₁|) · m / (√v + ε)
///
/// Dubey et al., "diffGrad: an optimization method for convolutional neural networks" (2019);
/// `DiffGrad` of torch_optimizer, with the notebooks' ε and without their weight decay of 10⁻⁹.
public struct DiffGrad: Optimizer, Hashable {
  public static let name = "diffgrad"

  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon: Float = 1e-9

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    let (moment, square) = state.moments(of: gradient, beta1, beta2)
    let friction = (state["last gradient"] - gradient).absolute().sigmoid()
    state["last gradient"] = gradient
    let scale = rate * Adam.correction(beta2, state.step).squareRoot()
      / Adam.correction(beta1, state.step)
    return parameter - scale * friction * moment / (square.squareRoot() + epsilon)
  }
}
