import TensorGraph

/// Lack of colour: a tenth of −(√(σ₁² + σ₂²) + 0.3·√(μ₁² + μ₂²)), of the deviations and means over the
/// pixels of R − G and ½(R + G) − B.
///
/// Hasler and Süsstrunk, "Measuring colourfulness in natural images" (2003); pixray's `SaturationLoss`,
/// of the picture itself. Deviations are those of a sample, as PyTorch's are.
public struct Saturation: NamedLoss {
  public static let name = "saturation"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor { Self.value(of: context.picture) }

  /// Keeps the roots' slopes finite where there is no colour.
  private static let floor: Float = 1e-6

  /// The scalar of a picture [1,H,W,3].
  package static func value(of picture: Tensor) -> Tensor {
    func channel(_ index: Int) -> Tensor { picture.sliced(axis: 3, index..<index + 1) }
    let (red, green, blue) = (channel(0), channel(1), channel(2))
    let count = Float(red.type.elementCount)
    var (variances, squares) = (picture.graph.fill(0, []), picture.graph.fill(0, []))
    for opponent in [red - green, 0.5 * (red + green) - blue] {
      let mean = opponent.mean()
      let way = opponent - mean
      variances = variances + (way * way).mean() * (count / max(count - 1, 1))
      squares = squares + mean * mean
    }
    return -0.1 * ((variances + floor).squareRoot() + 0.3 * (squares + floor).squareRoot())
  }
}
