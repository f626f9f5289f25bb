import TensorGraph

/// Details of the picture beside the picture as a whole, none of them squeezed.
///
/// A share of the cutouts shows the whole picture: pooled where it is a square, else as a square around
/// it, between the shorter and the longer side, on grey. The others are square crops whose size is drawn
/// between the side of a cutout and the picture's shorter side, as nerdyrodent/VQGAN-CLIP draws it.
package struct CropCutouts: CutoutMethod {
  package let name = "crops"
  /// Share of the cutouts that show the whole picture.
  static let wholeShare = 0.4

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let wholes = Int((Self.wholeShare * Double(draws.total)).rounded(.up))
    let parts = [
      draws.limited(to: 0..<wholes).map { whole(picture, configuration, side: side, $0) },
      draws.limited(to: wholes..<draws.total).map { draws in
        configuration.augmented(draws) {
          let boxes = CropBoxes.random(in: picture, side: side, power: configuration.power, draws)
          return picture.cropped(to: boxes, side: side, filter: AntialiasedBicubic())
        }
      },
    ].compactMap { $0 }
    return parts.dropFirst().reduce(parts[0]) { $0.concatenated(with: $1, axis: 0) }
  }

  private func whole(
    _ picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let (height, width) = (picture.shape[1], picture.shape[2])
    guard height != width else {
      return configuration.augmented(draws) { picture.pooledWhole(side) }
    }
    return configuration.augmented(draws) {
      let place = draws.uniform(.place, columns: 3)
      let size = place[2].spread(over: Float(min(height, width))...Float(max(height, width)))
      let boxes = CropBoxes(
        left: Self.start(place[0], size, of: width), top: Self.start(place[1], size, of: height),
        size: size)
      return picture.cropped(to: boxes, side: side, on: draws.grey)
    }
  }

  /// Begin of a stretch on an axis of `extent`: anywhere inside, or centred around the axis.
  private static func start(_ place: Tensor, _ size: Tensor, of extent: Int) -> Tensor {
    let rest = Float(extent) - size
    return place * rest.relu() - 0.5 * (-rest).relu()
  }
}

extension CropBoxes {
  /// Squares between a cutout's side and the picture's shorter side, anywhere in the picture.
  /// - Parameter power: of the uniform number that the size is drawn by: above 1 prefers small
  ///   squares.
  package static func random(
    in picture: Tensor, side: Int, power: Float, _ draws: CutoutDraws
  ) -> CropBoxes {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let shorter = min(height, width)
    let size = draws.uniform(.size, columns: 1)[0].raised(to: power)
      .spread(over: Float(min(shorter, side))...Float(shorter))
    let place = draws.uniform(.place, columns: 2)
    return CropBoxes(
      left: place[0] * (Float(width) - size), top: place[1] * (Float(height) - size), size: size)
  }
}

extension Tensor {
  /// This number of [0, 1) to the power of `exponent`.
  func raised(to exponent: Float) -> Tensor {
    exponent == 1 ? self : (maximum(fullLike(0x1p-24)).logarithm() * exponent).exponential()
  }
}

extension CutoutDraws {
  /// A grey a cutout, [n,1,1,1] in 0…1.
  var grey: Tensor { uniform(.background, columns: 1)[0].reshaped([count, 1, 1, 1]) }
}
