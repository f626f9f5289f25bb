import TensorGraph

/// The whole picture in every cutout with chosen augmentations: `MakeCutouts` of
/// nerdyrodent/VQGAN-CLIP, its default, whose choice is `Af Pe Ji Er` unless another is named.
package struct LatestCutouts: CutoutMethod {
  package static let name = "latest"

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let follows = configuration.followsOriginals
    let augmentations: [any Augmentation] = [
      AffineAugmentation(probability: 0.7, strength: 15, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.7, strength: 0.7),
      JitterAugmentation(probability: 0.7, strength: 0.1),
      ErasingAugmentation(probability: 0.7, strength: 0.4, followsOriginal: follows),
    ]
    return configuration.augmented(draws, by: augmentations) { picture.pooledWhole(side) }
  }
}
