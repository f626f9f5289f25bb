import TensorGraph

/// Blackens a rectangle: kornia's `RandomErasing`. Its strength is the largest area, as a share of the
/// cutout; the least is 0.1, or all of a smaller strength.
///
/// The proportions are drawn evenly below 1 for half of the cutouts and evenly above for the others. The
/// notebooks' call makes the same rectangle in all cutouts of a step.
package struct ErasingAugmentation: Augmentation {
  package static let name = "erasing"
  package static let code = "Er"
  package static let probability: Float = 0.7
  package static let strength: Float = 0.4
  package static let strengths: ClosedRange<Float> = 0...1

  let probability: Float
  let strength: Float
  let followsOriginal: Bool
  static let ratio: ClosedRange<Float> = 0.3...1 / 0.3

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
    self.followsOriginal = followsOriginal
  }

  /// Values are left and upper edge, width and height of the rectangle in whole pixels, then its drawn
  /// area and proportions.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    let extent = Float(side)
    func whole(_ square: Tensor) -> Tensor {
      let length = (square.squareRoot() + 0.5).floor()
      return length.maximum(length.fullLike(1)).minimum(length.fullLike(extent))
    }
    return draws.parameters(probability, columns: 4, isShared: followsOriginal).mapping {
      let area = $0[0].spread(over: min(0.1, strength)...strength) * (extent * extent)
      // The first half of the draw is spread over the proportions below 1, the second over those above.
      let below = (2 * $0[1]).spread(over: Self.ratio.lowerBound...1)
      let above = (2 * $0[1] - 1).spread(over: 1...Self.ratio.upperBound)
      let ratio = $0[1].isBelow(0.5).select(below, above)
      let (height, width) = (whole(area * ratio), whole(area / ratio))
      return [
        ($0[2] * (extent + 1 - width)).floor(), ($0[3] * (extent + 1 - height)).floor(),
        width, height, area, ratio,
      ]
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, left: values[0], top: values[1], width: values[2], height: values[3])
  }

  /// - Parameters: of the rectangle in whole pixels, each [n,1] or [1,1].
  package func apply(
    to cutouts: Tensor, left: Tensor, top: Tensor, width: Tensor, height: Tensor
  ) -> Tensor {
    let side = cutouts.shape[1]
    let places = (0..<side).map(Float.init)
    func covered(_ shape: Shape, _ start: Tensor, _ length: Tensor) -> Tensor {
      let pixel = cutouts.graph.literal(places, shape)
      let (start, end) = (start.perCutout, (start + length).perCutout)
      return pixel.greaterOrEqual(start - 0.5) * (end - 0.5).greaterOrEqual(pixel)
    }
    let isErased = covered([1, side, 1, 1], top, height) * covered([1, 1, side, 1], left, width)
    return cutouts * (1 - isErased)
  }
}
