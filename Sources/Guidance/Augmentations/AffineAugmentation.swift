import RealModule
import TensorGraph

/// Turns, shears along x and shifts cutouts: kornia's `RandomAffine`. Its strength is the largest turn in
/// degrees, either way.
///
/// Shifts are up to a share of the side along both axes; the notebooks' `translate=0.1` is taken as a
/// range by kornia, so that theirs has no shift along x.
package struct AffineAugmentation: Augmentation {
  package static let name = "affine"
  package static let code = "Af"
  package static let probability: Float = 0.7
  package static let strength: Float = 15
  package static let strengths: ClosedRange<Float> = 0...180

  let probability: Float
  let strength: Float
  let followsOriginal: Bool
  /// Largest shift, as a share of the side.
  var shift: Float = 0.1
  /// Largest shear along x, in degrees.
  var shear: Float = 5
  var padding = SamplePadding.zeros

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
    self.followsOriginal = followsOriginal
  }

  /// - Parameter shear: largest shear along x, in degrees.
  package init(
    probability: Float, strength: Float, shear: Float, padding: SamplePadding,
    followsOriginal: Bool
  ) {
    self.init(probability: probability, strength: strength, followsOriginal: followsOriginal)
    (self.shear, self.padding) = (shear, padding)
  }

  /// Values are the turn in degrees, the shifts along x and y in pixels, the shear in degrees.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    let reach = shift * Float(side)
    return draws.parameters(probability, columns: 4).mapping {
      [
        $0[0].spread(around: strength), $0[1].spread(around: followsOriginal ? 0 : reach),
        $0[2].spread(around: reach), $0[3].spread(around: shear),
      ]
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, degrees: values[0], shift: (values[1], values[2]), shear: values[3])
  }

  /// - Parameters:
  ///   - degrees: turn, [n,1].
  ///   - shift: in pixels along x and y, each [n,1].
  ///   - shear: along x in degrees, [n,1].
  package func apply(
    to cutouts: Tensor, degrees: Tensor, shift: (x: Tensor, y: Tensor), shear: Tensor
  ) -> Tensor {
    let side = cutouts.shape[1]
    let angle = degrees * (.pi / 180)
    let (cosine, sine) = (angle.cosine(), angle.sine())
    let slope = (shear * (.pi / 180)).sine() / (shear * (.pi / 180)).cosine()
    // The inverse of turn after shear, then shift; pixels are counted between outermost centres.
    let (a, b) = (cosine - slope * sine, sine + slope * cosine)
    let unit = 2 / Float(max(side - 1, 1))
    let (x, y) = (shift.x * unit, shift.y * unit)
    let (zero, one) = (cosine.fullLike(0), cosine.fullLike(1))
    let matrix = TransformMatrix(entries: [
      a, b, -(a * x + b * y),
      -sine, cosine, sine * x - cosine * y,
      zero, zero, one,
    ])
    return cutouts.sampled(
      at: matrix.tensor(rows: 2).transformationGrid(height: side, width: side), padding: padding)
  }
}
