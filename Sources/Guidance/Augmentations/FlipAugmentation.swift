import TensorGraph

/// Mirrors cutouts left to right: kornia's `RandomHorizontalFlip`.
package struct FlipAugmentation: Augmentation {
  package static let name = "flip"
  package static let code = "Hf"
  package static let probability: Float = 0.5
  /// Not used: a picture is mirrored or not.
  package static let strength: Float = 1
  package static let strengths: ClosedRange<Float> = 0...1

  let probability: Float

  package init(probability: Float, strength: Float = 1, followsOriginal: Bool = false) {
    self.probability = probability
  }

  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 0)
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    cutouts.flipped(axis: 2)
  }
}
