import TensorGraph

/// Random crops that prefer large sizes and the picture's edges: `pytti_classic` of
/// pytti-tools/pytti-core with its border mode `clamp`.
///
/// The size is the picture's shorter side times a normal number of mean 0.8 and deviation 0.3, clipped from
/// a cutout's side to 1, to the power. Places are drawn a quarter of the picture beyond its edges and
/// moved inside. A crop is averaged to a cutout. pytti may cut one pixel beyond the last; this does
/// not.
package struct PyttiCutouts: CutoutMethod {
  package let name = "pytti"
  /// Share of the picture's sides by which places may lie outside.
  private static let margin: Float = 0.25

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let follows = configuration.followsOriginals
    let augmentations: [any Augmentation] = [
      FlipAugmentation(probability: 0.3),
      AffineAugmentation(
        probability: 0.8, strength: 30, shear: 0, padding: .border, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.4, strength: 0.2),
      JitterAugmentation(probability: 0.7, light: 0, color: 0.01),
      ErasingAugmentation(probability: 0.7, strength: 0.4),
    ]
    return configuration.augmented(draws, by: augmentations) {
      let boxes = Self.boxes(picture, side: side, power: configuration.power, draws)
      return picture.cropped(to: boxes, side: side, filter: AdaptiveAverage())
    }
  }

  package static func boxes(
    _ picture: Tensor, side: Int, power: Float, _ draws: CutoutDraws
  ) -> CropBoxes {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let longest = Float(min(height, width))
    let normal = 0.8 + 0.3 * draws.normal(.size, [1])
    let share = normal.maximum(normal.fullLike(min(1, Float(side) / longest)))
      .minimum(normal.fullLike(1)).raised(to: power)
    let size = (longest * share).floor().maximum(normal.fullLike(1))
    let place = draws.uniform(.place, columns: 2)
    func start(_ place: Tensor, _ extent: Int) -> Tensor {
      let margin = (Self.margin * Float(extent)).rounded()
      let drawn = (place * (Float(extent + 1) + 2 * margin - size) - margin).floor()
      return drawn.minimum(Float(extent) - size).maximum(drawn.fullLike(0))
    }
    return CropBoxes(left: start(place[0], width), top: start(place[1], height), size: size)
  }
}
