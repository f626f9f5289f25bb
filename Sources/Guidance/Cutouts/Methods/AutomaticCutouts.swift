import TensorGraph

/// The method that measured best for the picture's size: ``CropCutouts`` for pictures that are much
/// larger than a cutout or much longer than wide, else ``PooledCutouts``.
package struct AutomaticCutouts: CutoutMethod {
  package let name = "auto"
  /// Shorter side of the largest pictures that are not cropped, in sides of a cutout.
  static let maxReduction = 2
  /// Proportions, longer by shorter side, of the least oblong pictures that are cropped.
  static let minProportion = 2

  package init() {}

  /// Method for a picture of this size.
  package static func method(width: Int, height: Int, side: Int) -> any CutoutMethod {
    let (shorter, longer) = (min(width, height), max(width, height))
    let isCropped = shorter > maxReduction * side || longer >= minProportion * shorter
    return isCropped ? CropCutouts() : PooledCutouts()
  }

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    Self.method(width: picture.shape[2], height: picture.shape[1], side: side)
      .cutouts(of: picture, configuration, side: side, draws)
  }
}
