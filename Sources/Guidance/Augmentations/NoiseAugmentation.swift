import TensorGraph

/// Adds normal noise, each cutout its own: kornia's `RandomGaussianNoise`. Its strength is the noise's
/// deviation; the notebooks' 1 drowns a picture whose values are 0…1.
package struct NoiseAugmentation: Augmentation {
  package static let name = "noise"
  package static let code = "Gn"
  package static let probability: Float = 0.5
  package static let strength: Float = 0.1
  package static let originalStrength: Float = 1
  package static let strengths: ClosedRange<Float> = 0...10

  let probability: Float
  let strength: Float

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
  }

  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 0)
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, noise: draws.normal(.values, Shape(cutouts.shape.dropFirst())))
  }

  /// - Parameter noise: normal numbers of the shape of `cutouts`.
  package func apply(to cutouts: Tensor, noise: Tensor) -> Tensor { cutouts + strength * noise }
}
