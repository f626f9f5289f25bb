import TensorGraph

/// Adam with decoupled weight decay, with PyTorch's formula: the parameter is multiplied by
/// 1 − rate · decay before Adam's step.
///
/// Loshchilov and Hutter, "Decoupled weight decay regularization" (ICLR 2019).
public struct AdamW: Optimizer, Hashable {
  public static let name = "adamw"

  public var adam = Adam()
  /// Share of the parameter that a step at rate 1 takes off.
  public var decay: Float = 0.01

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    adam.update(parameter * (1 - rate * decay), gradient: gradient, state: &state, rate: rate)
  }
}
