import RealModule
import TensorGraph

/// Moves every pixel by smoothed noise: kornia's `RandomElasticTransform` (Simard et al., "Best
/// practices for convolutional neural networks applied to visual document analysis", 2003). Its
/// strength, kornia's alpha, scales the movement.
///
/// The noise is uniform in −1…1 and smoothed by 63×63 weights of deviation 32, with zeros outside, so that
/// at 224² and strength 1, the notebooks', pixels move by about one pixel, which is hardly seen.
package struct ElasticAugmentation: Augmentation {
  package static let name = "elastic"
  package static let code = "Et"
  package static let probability: Float = 0.7
  package static let strength: Float = 4
  package static let originalStrength: Float = 1
  package static let strengths: ClosedRange<Float> = 0...100

  /// Pixels on either side that the smoothing reaches.
  private static let radius = 31
  private static let deviation: Float = 32

  let probability: Float
  let strength: Float

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
  }

  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 0)
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    let side = cutouts.shape[1]
    return apply(to: cutouts, noise: draws.uniformValues([2, side, side]).spread(around: 1))
  }

  /// - Parameter noise: of x and y in −1…1, [n,2,S,S].
  package func apply(to cutouts: Tensor, noise: Tensor) -> Tensor {
    let (count, side) = (noise.shape[0], cutouts.shape[1])
    let smoothing = Self.smoothing(side, cutouts.graph)
    let rows = noise.reshaped([count * 2 * side, side]).matmul(smoothing)
      .reshaped([count * 2, side, side])
    let smoothed = (strength * smoothing.matmul(rows)).reshaped([count, 2, side, side, 1])
    let (x, y) = Tensor.meshgrid(side, cutouts.graph)
    func moved(_ axis: Int, _ places: Tensor) -> Tensor {
      let move = smoothed.sliced(axis: 1, axis..<axis + 1).reshaped([count, side, side, 1])
      let moved = places + move
      return moved.maximum(moved.fullLike(-1)).minimum(moved.fullLike(1))
    }
    return cutouts.sampled(at: Tensor.grid(moved(0, x), moved(1, y)), padding: .zeros)
  }

  /// The smoothing of an axis as a symmetric matrix [S,S].
  private static func smoothing(_ side: Int, _ graph: Graph) -> Tensor {
    let places = (0..<side).map(Float.init)
    let distance = graph.literal(places, [side, 1]) - graph.literal(places, [1, side])
    let square = distance * distance
    let weights = (-radius...radius).map { Float.exp(-Float($0 * $0) / (2 * deviation * deviation)) }
    let reach = Float(radius) + 0.5
    let isNear = square.fullLike(reach * reach).greaterOrEqual(square)
    return isNear * (square * (-1 / (2 * deviation * deviation))).exponential()
      * (1 / weights.reduce(0, +))
  }
}
