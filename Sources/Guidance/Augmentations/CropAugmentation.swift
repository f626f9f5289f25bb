import TensorGraph

/// Shifts cutouts by whole pixels, mirrored at the border: kornia's `RandomCrop` of the cutout's own size
/// after padding. Its strength is the padding, as a share of the side.
///
/// The notebooks pad by nothing, so that theirs changes nothing; they also draw once for all cutouts.
package struct CropAugmentation: Augmentation {
  package static let name = "crop"
  package static let code = "Cr"
  package static let probability: Float = 0.5
  package static let strength: Float = 0.125
  package static let originalStrength: Float = 0
  package static let strengths: ClosedRange<Float> = 0...0.5

  let probability: Float
  let strength: Float

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
  }

  /// Values are the shifts along x and y in pixels.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    let reach = (strength * Float(side)).rounded(.down)
    return draws.parameters(probability, columns: 2).mapping { values in
      values.map { ($0 * (2 * reach + 1)).floor() - reach }
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    strength > 0 ? apply(to: cutouts, shift: (values[0], values[1])) : cutouts
  }

  /// - Parameter shift: of what is shown, in pixels, each [n,1].
  package func apply(to cutouts: Tensor, shift: (x: Tensor, y: Tensor)) -> Tensor {
    let side = cutouts.shape[1]
    let unit = 2 / Float(max(side - 1, 1))
    let (zero, one) = (shift.x.fullLike(0), shift.x.fullLike(1))
    let matrix = TransformMatrix(entries: [
      one, zero, shift.x * unit,
      zero, one, shift.y * unit,
      zero, zero, one,
    ])
    return cutouts.sampled(
      at: matrix.tensor(rows: 2).transformationGrid(height: side, width: side, alignCorners: true),
      padding: .reflection, alignCorners: true)
  }
}
