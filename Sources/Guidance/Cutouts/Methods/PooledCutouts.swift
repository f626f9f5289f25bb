import TensorGraph

/// The whole picture in every cutout, whatever its proportions: halfway between the mean and the
/// largest value of the pixels that fall together.
///
/// The method `latest` of the notebooks, without their augmentations; the configuration's parts are
/// multiplied into one map, so that the picture is sampled once.
package struct PooledCutouts: CutoutMethod {
  package let name = "pooled"

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    configuration.augmented(draws) { picture.pooledWhole(side) }
  }
}

extension Tensor {
  /// The whole image [1,H,W,3] as [1,side,side,3], whatever its proportions: halfway between the
  /// mean and the largest value of the pixels that fall together. The mean alone blurs, and the
  /// largest alone brightens.
  func pooledWhole(_ side: Int) -> Tensor {
    let mean = adaptiveAveragePooled(height: side, width: side)
    return 0.5 * (mean + adaptiveMaxPooled(height: side, width: side))
  }
}
