import TensorGraph

/// Adagrad, with PyTorch's formula: s ← s + g², x ← x − rate · g / (√s + ε).
///
/// Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization" (JMLR 2011).
public struct Adagrad: Optimizer, Hashable {
  public static let name = "adagrad"

  public var epsilon: Float = 1e-10

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    let sum = state["sum of squares"] + gradient * gradient
    state["sum of squares"] = sum
    return parameter - rate * gradient / (sum.squareRoot() + epsilon)
  }
}
