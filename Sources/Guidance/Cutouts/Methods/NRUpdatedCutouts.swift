import TensorGraph

/// Random crops with chosen augmentations: `MakeCutoutsNRUpdate` of nerdyrodent/VQGAN-CLIP, whose
/// choice is `Af Pe Ji Er` unless another is named.
package struct NRUpdatedCutouts: CutoutMethod {
  package static let name = "nrupdated"

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    let follows = configuration.followsOriginals
    let augmentations: [any Augmentation] = [
      AffineAugmentation(probability: 0.7, strength: 30, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.7, strength: 0.5),
      JitterAugmentation(probability: 0.7, strength: 0.1),
      ErasingAugmentation(probability: 0.7, strength: 0.4, followsOriginal: follows),
    ]
    return configuration.augmented(draws, by: augmentations) {
      picture.notebookCrops(side: side, power: configuration.power, draws)
    }
  }
}
