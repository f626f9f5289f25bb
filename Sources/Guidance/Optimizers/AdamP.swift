import TensorGraph

/// AdamP: Adam without the part of a step that only lengthens a parameter, where gradient and parameter
/// are nearly at right angles, as they are in front of a normalisation.
///
/// Heo et al., "AdamP: slowing down the slowdown for momentum optimizers on scale-invariant weights"
/// (ICLR 2021); `AdamP` of torch_optimizer, without weight decay.
public struct AdamP: Optimizer, Hashable {
  public static let name = "adamp"

  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon: Float = 1e-8
  /// Largest cosine, times the root of the components, that counts as a right angle.
  public var delta: Float = 0.1

  public init() {}

  public func update(
    _ parameter: Tensor, gradient: Tensor, state: inout OptimizerState, rate: Tensor
  ) -> Tensor {
    let (moment, square) = state.moments(of: gradient, beta1, beta2)
    let deviation = square.squareRoot() / Adam.correction(beta2, state.step).squareRoot() + epsilon
    let way = moment / deviation
    return parameter - rate / Adam.correction(beta1, state.step)
      * projected(way, parameter, gradient)
  }

  /// `way` without its part along the parameter: of each row of the first axis where all rows are at right
  /// angles to their gradients, else of the whole where that is.
  private func projected(_ way: Tensor, _ parameter: Tensor, _ gradient: Tensor) -> Tensor {
    guard parameter.shape.count > 1 else { return way }
    let whole = projection(way, parameter, gradient, rows: 1)
    guard parameter.shape[0] > 1 else { return whole.isRight.select(whole.way, way) }
    let rows = projection(way, parameter, gradient, rows: parameter.shape[0])
    return rows.isRight.select(rows.way, whole.isRight.select(whole.way, way))
  }

  private func projection(
    _ way: Tensor, _ parameter: Tensor, _ gradient: Tensor, rows: Int
  ) -> (way: Tensor, isRight: Tensor) {
    func view(_ x: Tensor) -> Tensor { x.reshaped([rows, -1]) }
    func norm(_ x: Tensor) -> Tensor { (x * x).sum(axes: [1]).squareRoot() + epsilon }
    let (p, g, w) = (view(parameter), view(gradient), view(way))
    let cosine = (g * p).sum(axes: [1]).absolute() / norm(g) / norm(p)  // [rows,1]
    let limit = delta / Float(p.shape[1]).squareRoot()
    // 1 where the largest cosine is below the limit.
    let isRight = 1 - cosine.max(axes: [0]).greaterOrEqual(cosine.graph.fill(limit, [1, 1]))
    let unit = p / norm(p)
    let rest = w - unit * (unit * w).sum(axes: [1])
    let shape = parameter.shape
    return (
      rest.reshaped(shape), isRight.broadcast(to: [rows, p.shape[1]]).reshaped(shape)
    )
  }
}
