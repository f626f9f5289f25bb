import TensorGraph

/// Sharpens or blurs cutouts by blending them with a blurred copy: kornia's `RandomSharpness`.
///
/// A factor of 0 is the copy (3×3: 5 in the middle, 1 around it, over 13; the border's pixels are
/// kept), 1 the cutout, more is sharper. The notebooks draw it between 0 and 0.3: their sharpening
/// blurs. Here it is 1 plus a number between 0 and the strength.
package struct SharpnessAugmentation: Augmentation {
  package static let name = "sharpness"
  package static let code = "Sh"
  package static let probability: Float = 0.5
  package static let strength: Float = 1
  package static let originalStrength: Float = 0.3
  package static let strengths: ClosedRange<Float> = 0...10

  let probability: Float
  let strength: Float
  let followsOriginal: Bool

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
    self.followsOriginal = followsOriginal
  }

  /// The value is the factor.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 1).mapping {
      [strength * $0[0] + (followsOriginal ? 0 : 1)]
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, factor: values[0])
  }

  /// - Parameter factor: [n,1].
  package func apply(to cutouts: Tensor, factor: Tensor) -> Tensor {
    let side = cutouts.shape[1]
    guard side > 2 else { return cutouts }
    func inside(_ x: Tensor, _ offset: Int, axis: Int) -> Tensor {
      x.sliced(axis: axis, offset..<offset + side - 2)
    }
    func sum(_ x: Tensor, axis: Int) -> Tensor {
      inside(x, 0, axis: axis) + inside(x, 1, axis: axis) + inside(x, 2, axis: axis)
    }
    let middle = inside(inside(cutouts, 1, axis: 1), 1, axis: 2)
    let blurred = (sum(sum(cutouts, axis: 1), axis: 2) + 4 * middle) * (1 / 13)
    let limited = blurred.maximum(blurred.fullLike(0)).minimum(blurred.fullLike(1))
    // What the copy differs by: nothing at the border.
    let change = (limited - middle).padded(axis: 1, before: 1, after: 1)
      .padded(axis: 2, before: 1, after: 1)
    let result = cutouts + (1 - factor.perCutout) * change
    guard !followsOriginal else { return result }
    return result.maximum(result.fullLike(0)).minimum(result.fullLike(1))
  }
}
