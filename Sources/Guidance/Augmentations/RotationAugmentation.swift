import TensorGraph

/// Turns cutouts about their middle, black outside: kornia's `RandomRotation`, by −1…1 between the
/// centres of the outermost pixels. Its strength is the largest turn in degrees, either way.
package struct RotationAugmentation: Augmentation {
  package static let name = "rotation"
  package static let code = "Ro"
  package static let probability: Float = 0.7
  package static let strength: Float = 15
  package static let strengths: ClosedRange<Float> = 0...180

  let probability: Float
  let strength: Float

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
  }

  /// The value is the turn in degrees.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 1).mapping { [$0[0].spread(around: strength)] }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, degrees: values[0])
  }

  /// - Parameter degrees: anticlockwise, [n,1].
  package func apply(to cutouts: Tensor, degrees: Tensor) -> Tensor {
    let angle = degrees * (.pi / 180)
    let (cosine, sine) = (angle.cosine(), angle.sine())
    let (zero, one) = (cosine.fullLike(0), cosine.fullLike(1))
    let matrix = TransformMatrix(entries: [
      cosine, -sine, zero,
      sine, cosine, zero,
      zero, zero, one,
    ])
    let side = cutouts.shape[1]
    return cutouts.sampled(
      at: matrix.tensor(rows: 2).transformationGrid(height: side, width: side, alignCorners: true),
      padding: .zeros, alignCorners: true)
  }
}
