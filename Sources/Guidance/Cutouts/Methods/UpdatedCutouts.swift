import TensorGraph

/// Random crops with a fixed list of augmentations: `MakeCutoutsUpdate` of nerdyrodent/VQGAN-CLIP.
package struct UpdatedCutouts: CutoutMethod {
  package static let name = "updated"

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let follows = configuration.followsOriginals
    let augmentations: [any Augmentation] = [
      FlipAugmentation(probability: 0.5),
      JitterAugmentation(probability: 0.7, light: 0, color: 0.01),
      SharpnessAugmentation(probability: 0.4, strength: 0.3, followsOriginal: follows),
      AffineAugmentation(
        probability: 0.8, strength: 30, shear: 0, padding: .border, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.4, strength: 0.2),
    ]
    return configuration.augmented(draws, by: augmentations) {
      picture.notebookCrops(side: side, power: configuration.power, draws)
    }
  }
}
