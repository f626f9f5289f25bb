/// Keeps gradients that are stored as halves from vanishing and from overflowing: the loss is
/// scaled before it is differentiated and the gradient scaled back after. A step whose gradient
/// overflowed changes nothing but the scale, which it halves, so it is a step to be repeated.
///
/// Micikevicius et al., "Mixed Precision Training" (ICLR 2018). The scale only falls: a render is
/// short, and its gradients do not shrink by orders of magnitude.
public struct LossScale {
  /// Of the first step; halving it brings every render into range within a few steps.
  public static let initial: Float = 65536
  /// A gradient that is not finite at this scale is so for another reason than that it overflowed.
  public static let smallest: Float = 0x1p-16

  /// One element: a variable of the graph.
  public let scale: Tensor
  /// One element: 1 where the gradient is finite, else 0.
  public let isFinite: Tensor
  /// Of the loss with respect to the target, scaled back.
  public let gradient: Tensor

  /// - Parameters:
  ///   - name: of the variable that holds the scale.
  ///   - loss: a scalar.
  public init(_ name: String, loss: Tensor, target: Tensor) {
    let graph = loss.graph
    scale = graph.variable(name, [1], .float32, .values([Self.initial]))
    let scaled = graph.gradients(
      of: loss * scale.reshaped([]), withRespectTo: [target])[0]
    isFinite = scaled.isFiniteThroughout
    gradient = scaled / scale
    graph.update(scale, to: isFinite.select(scale, scale * 0.5))
  }

  /// Updates `variable` to `value` where the gradient is finite; else it stays.
  public func update(_ variable: Tensor, to value: Tensor) {
    let isFinite = isFinite.reshaped(variable.shape.map { _ in 1 })
    variable.graph.update(
      variable, to: isFinite.broadcast(to: variable.shape).select(value, variable))
  }
}

extension Tensor {
  /// One element: 1 where the sum of all is finite, which it is not if one of them is not, else 0.
  package var isFiniteThroughout: Tensor {
    sum(axes: Array(shape.indices)).reshaped([1]).isFinite()
  }
}
