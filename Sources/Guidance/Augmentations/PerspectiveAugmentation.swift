import TensorGraph

/// Moves each corner inwards on its own, black outside: kornia's `RandomPerspective`. Its strength is the
/// farthest that a corner moves along either axis, in half sides.
package struct PerspectiveAugmentation: Augmentation {
  package static let name = "perspective"
  package static let code = "Pe"
  package static let probability: Float = 0.7
  package static let strength: Float = 0.7
  package static let strengths: ClosedRange<Float> = 0...0.95

  let probability: Float
  let strength: Float
  /// Black as in kornia, or the border's colours.
  var padding = SamplePadding.zeros

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
  }

  init(probability: Float, strength: Float, padding: SamplePadding) {
    self.init(probability: probability, strength: strength)
    self.padding = padding
  }

  /// Values are the corners' moves inwards in pixels, as ``apply(to:moves:)`` takes them.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 8).mapping { values in
      values.map { $0 * (strength * Float(side) / 2) }
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, moves: values)
  }

  /// - Parameter moves: of the corners inwards in pixels, x then y, from the upper left one clockwise:
  ///   eight of [n,1].
  package func apply(to cutouts: Tensor, moves: [Tensor]) -> Tensor {
    let side = cutouts.shape[1]
    // kornia measures moves between the centres of the outermost pixels, its grid too, and samples by
    // their outer edges.
    let unit = 2 / Float(max(side - 1, 1))
    let matrix = TransformMatrix.perspective(moves: moves.map { $0 * unit })
    return cutouts.sampled(
      at: matrix.tensor(rows: 3).transformationGrid(height: side, width: side, alignCorners: true),
      padding: padding)
  }
}
