import TensorGraph

/// RMSprop without momentum, with PyTorch's formula: v ← α·v + (1 − α)·g², x ← x − rate · g / (√v + ε).
///
/// Hinton, Srivastava and Swersky, "Neural networks for machine learning", lecture 6e (2012).
public struct RMSprop: Optimizer, Hashable {
  public static let name = "rmsprop"

  public var alpha: Float = 0.99
  public var epsilon: Float = 1e-8

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    let square = state["mean square"] * alpha + gradient * gradient * (1 - alpha)
    state["mean square"] = square
    return parameter - rate * gradient / (square.squareRoot() + epsilon)
  }
}
