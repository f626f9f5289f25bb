import TensorGraph

/// The whole picture in every cutout with a fixed list of augmentations: `MakeCutoutsPoolingUpdate` of
/// nerdyrodent/VQGAN-CLIP.
package struct UpdatedPoolingCutouts: CutoutMethod {
  package static let name = "updatedpooling"

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let follows = configuration.followsOriginals
    let augmentations: [any Augmentation] = [
      AffineAugmentation(
        probability: 0.7, strength: 15, shear: 0, padding: .border, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.7, strength: 0.7),
      JitterAugmentation(probability: 0.7, light: 0, color: 0.1),
      ErasingAugmentation(probability: 0.7, strength: 0.4, followsOriginal: follows),
    ]
    return configuration.augmented(draws, by: augmentations) { picture.pooledWhole(side) }
  }
}
