import TensorGraph

/// Loss scaling for gradients that are stored as fp16, against underflow and overflow: the loss is
/// multiplied by a scale before it is differentiated and the gradients divided by it after. A step
/// whose gradients overflow changes nothing but the scale, which it halves, so it must be repeated.
///
/// Micikevicius et al., "Mixed Precision Training" (ICLR 2018). The scale only falls: a render is
/// short, and its gradients do not shrink by orders of magnitude.
public struct LossScale {
  /// Scale of the first step; halving it brings every render into range within a few steps.
  public static let initial: Float = 65536
  /// A gradient that is not finite at this scale is so for another reason than overflow.
  public static let smallest: Float = 0x1p-16

  /// One element: a variable of the graph.
  public let scale: Tensor
  /// One element: 1 where all gradients are finite, else 0.
  public let isFinite: Tensor
  /// Gradients of the loss with respect to the targets, scaled back.
  public let gradients: [Tensor]

  /// - Parameters:
  ///   - name: of the variable that holds the scale.
  ///   - loss: a scalar.
  public init(_ name: String, loss: Tensor, targets: [Tensor]) {
    let graph = loss.graph
    let scale = graph.variable(name, [1], .float32, .values([Self.initial]))
    let scaled = graph.gradients(of: loss * scale.reshaped([]), withRespectTo: targets)
    isFinite = Tensor.areFinite(scaled)
    gradients = scaled.map { $0 / scale.reshaped($0.shape.map { _ in 1 }) }
    graph.update(scale, to: isFinite.select(scale, scale * 0.5))
    self.scale = scale
  }

  /// Updates `variable` to `value` where the gradients are finite; else it stays.
  public func update(_ variable: Tensor, to value: Tensor) {
    let isFinite = isFinite.reshaped(variable.shape.map { _ in 1 })
    variable.graph.update(
      variable, to: isFinite.broadcast(to: variable.shape).select(value, variable))
  }
}

extension Tensor {
  /// One element: 1 where the sum of each of `tensors` is finite, which it is not if one of its
  /// elements is not; else 0.
  package static func areFinite(_ tensors: [Tensor]) -> Tensor {
    let flags = tensors.map {
      $0.sum(axes: Array($0.shape.indices)).reshaped([1]).isFinite()
    }
    return flags.dropFirst().reduce(flags[0], *)
  }
}
