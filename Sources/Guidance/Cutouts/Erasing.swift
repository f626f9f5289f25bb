import RealModule
import TensorGraph

extension CutoutConfiguration.Erasing {
  /// `cutouts` [n,S,S,3] with a rectangle of zeros in the chosen ones. A side longer than the
  /// cutout is cut to it.
  func apply(to cutouts: Tensor, _ draws: CutoutDraws) -> Tensor {
    guard probability > 0, area.upperBound > 0 else { return cutouts }
    let graph = cutouts.graph
    let uniform = draws.uniform(.erasing, columns: 5).map { $0.reshaped([draws.count, 1, 1, 1]) }
    let chosen = uniform[0].isBelow(probability)
    let area = uniform[1].spread(over: area)
    let logarithm = Float.log(ratio.lowerBound)...Float.log(ratio.upperBound)
    let ratio = uniform[2].spread(over: logarithm).exponential()

    // Where pixel centres, in 0…1, lie between the drawn edges.
    func covered(_ extent: Int, _ shape: Shape, length: Tensor, place: Tensor) -> Tensor {
      let centers = graph.literal((0..<extent).map { (Float($0) + 0.5) / Float(extent) }, shape)
      let length = length.minimum(length.fullLike(1))
      let start = place * (1 - length)
      return centers.greaterOrEqual(start) * (start + length).greaterOrEqual(centers)
    }
    let (height, width) = (cutouts.shape[1], cutouts.shape[2])
    let rows = covered(
      height, [height, 1, 1], length: (area * ratio).squareRoot(), place: uniform[3])
    let columns = covered(
      width, [width, 1], length: (area / ratio).squareRoot(), place: uniform[4])
    return cutouts * (1 - chosen * rows * columns)
  }
}
