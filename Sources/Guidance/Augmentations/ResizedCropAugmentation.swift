import RealModule
import TensorGraph

/// Enlarges a rectangle of the cutout to all of it: kornia's `RandomResizedCrop` with
/// `cropping_mode="resample"`. Its strength is the least area of the rectangle, as a share of the
/// cutout's; the largest is 1, the proportions are ¾…4/3 on a logarithmic scale.
///
/// A side that is drawn longer than the cutout is cut to it, where kornia draws again. The notebooks
/// change all cutouts of a step or none.
package struct ResizedCropAugmentation: Augmentation {
  package static let name = "resized-crop"
  package static let code = "Re"
  package static let probability: Float = 0.5
  package static let strength: Float = 0.1
  package static let strengths: ClosedRange<Float> = 0.01...1

  let probability: Float
  let strength: Float
  let followsOriginal: Bool
  static let ratio: ClosedRange<Float> = 0.75...1.333

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
    self.followsOriginal = followsOriginal
  }

  /// Values are left and upper edge, width and height of the rectangle in whole pixels, then its drawn
  /// area and proportions.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    let extent = Float(side)
    let logarithms = Float.log(Self.ratio.lowerBound)...Float.log(Self.ratio.upperBound)
    func whole(_ square: Tensor) -> Tensor {
      let length = (square.squareRoot() + 0.5).floor()
      return length.minimum(length.fullLike(extent)).maximum(length.fullLike(2))
    }
    return draws.parameters(probability, columns: 4, sharesChoice: followsOriginal).mapping {
      let area = $0[0].spread(over: strength...1) * (extent * extent)
      let ratio = $0[1].spread(over: logarithms).exponential()
      let (width, height) = (whole(area * ratio), whole(area / ratio))
      return [
        ($0[2] * (extent + 1 - width)).floor(), ($0[3] * (extent + 1 - height)).floor(),
        width, height, area, ratio,
      ]
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, left: values[0], top: values[1], width: values[2], height: values[3])
  }

  /// - Parameters: of the rectangle in whole pixels, each [n,1].
  package func apply(
    to cutouts: Tensor, left: Tensor, top: Tensor, width: Tensor, height: Tensor
  ) -> Tensor {
    let side = cutouts.shape[1]
    let last = Float(max(side - 1, 1))
    // Between the centres of the outermost pixels: scale (w − 1) / last, middle 2·m / last − 1.
    func scale(_ length: Tensor) -> Tensor { (length - 1) / last }
    func middle(_ start: Tensor, _ length: Tensor) -> Tensor {
      (2 * start + length - 1) / last - 1
    }
    let (zero, one) = (left.fullLike(0), left.fullLike(1))
    let matrix = TransformMatrix(entries: [
      scale(width), zero, middle(left, width),
      zero, scale(height), middle(top, height),
      zero, zero, one,
    ])
    return cutouts.sampled(
      at: matrix.tensor(rows: 2).transformationGrid(height: side, width: side, alignCorners: true),
      padding: .zeros, alignCorners: true)
  }
}
