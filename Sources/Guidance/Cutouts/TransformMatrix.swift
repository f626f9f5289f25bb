import TensorGraph

/// A 3×3 matrix a cutout, which maps points of the cutout, −1…1 from edge to edge, to points of the
/// image. Entries are [n,1], in row order.
package struct TransformMatrix {
  package let entries: [Tensor]

  /// The product: first `b`, then `a`.
  static func * (a: TransformMatrix, b: TransformMatrix) -> TransformMatrix {
    TransformMatrix(
      entries: (0..<9).map { index in
        let (row, column) = (index / 3 * 3, index % 3)
        let products = (0..<3).map { a.entries[row + $0] * b.entries[3 * $0 + column] }
        return products[0] + products[1] + products[2]
      })
  }

  /// The first `rows` rows as one tensor [n,rows,3].
  func tensor(rows: Int) -> Tensor {
    let count = entries[0].shape[0]
    let places = entries.prefix(3 * rows).enumerated().map { index, entry in
      entry * entry.graph.literal((0..<3 * rows).map { $0 == index ? 1 : 0 }, [3 * rows])
    }
    return places.dropFirst().reduce(places[0], +).reshaped([count, rows, 3])
  }
}

extension TransformMatrix {
  /// Zoom, shear and turn by the drawn amounts, then shift; nil if no amount has a range.
  static func affine(
    _ configuration: CutoutConfiguration.Affine, _ draws: CutoutDraws
  ) -> TransformMatrix? {
    let amounts = [
      configuration.rotation, configuration.scale, configuration.shift, configuration.shear,
    ]
    guard configuration.probability > 0, amounts.contains(where: { $0 > 0 }) else { return nil }
    let uniform = draws.uniform(.affine, columns: 6)
    let chosen = uniform[0].isBelow(configuration.probability)
    let (zero, one) = (chosen.fullLike(0), chosen.fullLike(1))
    func amount(_ column: Int, _ radius: Float) -> Tensor {
      radius > 0 ? chosen * uniform[column].spread(around: radius) : zero
    }
    let angle = amount(1, configuration.rotation)
    let (cosine, sine) = configuration.rotation > 0 ? (angle.cosine(), angle.sine()) : (one, zero)
    let scale = amount(2, configuration.scale) + 1
    let shear = amount(3, configuration.shear)
    let shift = (amount(4, configuration.shift), amount(5, configuration.shift))
    return TransformMatrix(entries: [
      scale * cosine, scale * (cosine * shear - sine), shift.0,
      scale * sine, scale * (sine * shear + cosine), shift.1,
      zero, zero, one,
    ])
  }

  /// Moves the corners of the picture inwards by the drawn amounts: the inverse of the map from
  /// the square to the quadrilateral they span. Nil if it is never chosen.
  ///
  /// The map of the unit square is Heckbert's ("Fundamentals of texture mapping and image
  /// warping", 1989, section 2.2.3); a projective map's adjugate serves as its inverse.
  package static func perspective(
    _ configuration: CutoutConfiguration.Perspective, _ draws: CutoutDraws
  ) -> TransformMatrix? {
    guard configuration.probability > 0, configuration.distortion > 0 else { return nil }
    let uniform = draws.uniform(.perspective, columns: 9)
    let chosen = uniform[0].isBelow(configuration.probability)
    return perspective(moves: uniform.dropFirst().map { chosen * $0 * configuration.distortion })
  }

  /// The same by given amounts.
  /// - Parameter moves: of the corners inwards in half sides, x then y, from the upper left one
  ///   clockwise: eight of [n,1].
  static func perspective(moves: [Tensor]) -> TransformMatrix {
    // Corners in −1…1, from the upper left one clockwise.
    let signs: [(x: Float, y: Float)] = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    let x = signs.indices.map { signs[$0].x * (1 - moves[2 * $0]) }
    let y = signs.indices.map { signs[$0].y * (1 - moves[2 * $0 + 1]) }

    let (dx1, dx2, sx) = (x[1] - x[2], x[3] - x[2], x[0] - x[1] + x[2] - x[3])
    let (dy1, dy2, sy) = (y[1] - y[2], y[3] - y[2], y[0] - y[1] + y[2] - y[3])
    let denominator = dx1 * dy2 - dx2 * dy1
    let g = (sx * dy2 - dx2 * sy) / denominator
    let h = (dx1 * sy - sx * dy1) / denominator
    let (a, b, c) = (x[1] - x[0] + g * x[1], x[3] - x[0] + h * x[3], x[0])
    let (d, e, f) = (y[1] - y[0] + g * y[1], y[3] - y[0] + h * y[3], y[0])
    let fromQuadrilateral = TransformMatrix(entries: [
      e - f * h, c * h - b, b * f - c * e,
      f * g - d, a - c * g, c * d - a * f,
      d * h - e * g, b * g - a * h, a * e - b * d,
    ])
    let (zero, one) = (moves[0].fullLike(0), moves[0].fullLike(1))
    let fromUnitSquare = TransformMatrix(entries: [
      one + one, zero, -one,
      zero, one + one, -one,
      zero, zero, one,
    ])
    return fromUnitSquare * fromQuadrilateral
  }

  /// Mirrors the chosen ones left to right; nil if none ever is.
  static func flip(probability: Float, _ draws: CutoutDraws) -> TransformMatrix? {
    guard probability > 0 else { return nil }
    let chosen = draws.uniform(.flip, columns: 1)[0].isBelow(probability)
    let (zero, one) = (chosen.fullLike(0), chosen.fullLike(1))
    return TransformMatrix(entries: [
      1 - 2 * chosen, zero, zero,
      zero, one, zero,
      zero, zero, one,
    ])
  }
}
