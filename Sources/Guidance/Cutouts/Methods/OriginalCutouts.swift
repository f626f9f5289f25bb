import TensorGraph

/// Random crops, clamped to 0…1 with a gradient that still leads back inside, without augmentations or
/// noise: `MakeCutoutsOrig` of nerdyrodent/VQGAN-CLIP.
package struct OriginalCutouts: CutoutMethod {
  package let name = "original"

  package init() {}

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    var configuration = configuration
    configuration.noise = 0
    return configuration.augmented(draws, by: []) {
      picture.notebookCrops(side: side, power: configuration.power, draws)
        .clampedWithGradient(to: 0...1)
    }
  }
}
