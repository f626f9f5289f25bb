import TensorGraph

/// Bends cutouts by a thin-plate spline through the corners and the middle, black outside: kornia's
/// `RandomThinPlateSpline` (Bookstein, "Principal warps", 1989). Its strength is the farthest that a point
/// moves along either axis, in half sides.
///
/// kornia 0.5.4 names the upper right corner twice and the lower right one never. The notebooks change all
/// cutouts of a step or none.
package struct SplineAugmentation: Augmentation {
  package static let name = "spline"
  package static let code = "Ts"
  package static let probability: Float = 0.7
  package static let strength: Float = 0.2
  package static let originalStrength: Float = 0.8
  package static let strengths: ClosedRange<Float> = 0...1

  let probability: Float
  let strength: Float
  let followsOriginal: Bool

  package init(probability: Float, strength: Float, followsOriginal: Bool = false) {
    (self.probability, self.strength) = (probability, strength)
    self.followsOriginal = followsOriginal
  }

  /// Values are the moves of the five points in half sides, x then y.
  package func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters {
    draws.parameters(probability, columns: 10, sharesChoice: followsOriginal).mapping { values in
      values.map { $0.spread(around: strength) }
    }
  }

  package func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor {
    apply(to: cutouts, moves: (0..<5).map { (values[2 * $0], values[2 * $0 + 1]) })
  }

  /// The points that move, −1…1.
  private var centers: [(x: Float, y: Float)] {
    [(-1, -1), (-1, 1), (1, -1), followsOriginal ? (1, -1) : (1, 1), (0, 0)]
  }

  /// - Parameter moves: of the five points, each [n,1].
  package func apply(to cutouts: Tensor, moves: [(x: Tensor, y: Tensor)]) -> Tensor {
    let spline = ThinPlateSpline(centers, moves)
    let (x, y) = Tensor.meshgrid(cutouts.shape[1], cutouts.graph)
    let warped = spline.apply(x, y)
    return cutouts.sampled(at: Tensor.grid(warped.x, warped.y), padding: .zeros)
  }
}

/// f(p) = a + A·p + Σ wᵢ·U(‖p − cᵢ‖²) with U(s) = ½·s·ln(s + 10⁻⁸), which brings each moved point back to
/// its centre cᵢ.
private struct ThinPlateSpline {
  let centers: [(x: Float, y: Float)]
  /// Of x and y: weights of the five centres, then a constant and factors of x and y, each [n,1].
  private let coefficients: [(weights: [Tensor], constant: Tensor, x: Tensor, y: Tensor)]

  /// Solves Σᵢ wᵢ·U(‖qⱼ − cᵢ‖²) + a + A·qⱼ = cⱼ for the moved points qⱼ under Σ wᵢ = 0 and Σ wᵢ·qᵢ = 0.
  ///
  /// The two conditions leave w = N·u, where a column of N expresses one of the last two points by the
  /// first three; two unknowns remain, and the affine part follows from the first three points.
  init(_ centers: [(x: Float, y: Float)], _ moves: [(x: Tensor, y: Tensor)]) {
    self.centers = centers
    let points = zip(centers, moves).map { (x: $1.x + $0.x, y: $1.y + $0.y) }
    let triangle = Triangle(points[0], points[1], points[2])
    // w = Σ u·(−β₀, −β₁, −β₂, 1 or 0, 0 or 1).
    let shares = [triangle.shares(of: points[3]), triangle.shares(of: points[4])]
    func reduced(_ values: [Tensor]) -> [Tensor] {
      (0..<2).map { k in
        values[3 + k] - shares[k][0] * values[0] - shares[k][1] * values[1]
          - shares[k][2] * values[2]
      }
    }
    let kernel = points.map { point in
      centers.map { Self.kernel(point.x - $0.x, point.y - $0.y) }
    }
    let columns = kernel.map { reduced($0) }  // [5][2]: what each unknown adds at each point.
    let matrix = (0..<2).map { unknown in reduced(columns.map { $0[unknown] }) }
    let determinant = matrix[0][0] * matrix[1][1] - matrix[1][0] * matrix[0][1]
    coefficients = [\(x: Float, y: Float).x, \(x: Float, y: Float).y].map { axis in
      let target = centers.map { center in points[0].x.fullLike(center[keyPath: axis]) }
      let rest = reduced(target)
      let u = [
        (rest[0] * matrix[1][1] - rest[1] * matrix[1][0]) / determinant,
        (rest[1] * matrix[0][0] - rest[0] * matrix[0][1]) / determinant,
      ]
      let first = (0..<3).map { -(u[0] * shares[0][$0] + u[1] * shares[1][$0]) }
      let plane = triangle.plane(
        through: (0..<3).map {
          target[$0] - u[0] * columns[$0][0] - u[1] * columns[$0][1]
        })
      return (first + u, plane.constant, plane.x, plane.y)
    }
  }

  private static func kernel(_ dx: Tensor, _ dy: Tensor) -> Tensor {
    let square = dx * dx + dy * dy
    return 0.5 * square * (square + 1e-8).logarithm()
  }

  /// The spline at points x [1,1,S,1] and y [1,S,1,1]: each [n,S,S,1].
  func apply(_ x: Tensor, _ y: Tensor) -> (x: Tensor, y: Tensor) {
    let kernels = centers.map { Self.kernel(x - $0.x, y - $0.y) }
    let results = coefficients.map { coefficients in
      let plane = coefficients.constant.perCutout + coefficients.x.perCutout * x
        + coefficients.y.perCutout * y
      return zip(coefficients.weights, kernels).reduce(plane) { $0 + $1.0.perCutout * $1.1 }
    }
    return (results[0], results[1])
  }
}

/// Three points a cutout, coordinates [n,1].
private struct Triangle {
  typealias Point = (x: Tensor, y: Tensor)
  private let points: [Point]
  /// Twice its area, signed.
  private let area: Tensor

  init(_ a: Point, _ b: Point, _ c: Point) {
    points = [a, b, c]
    area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)
  }

  /// Barycentric coordinates of a point.
  func shares(of point: Point) -> [Tensor] {
    (0..<3).map { index in
      let (b, c) = (points[(index + 1) % 3], points[(index + 2) % 3])
      return ((b.x - point.x) * (c.y - point.y) - (c.x - point.x) * (b.y - point.y)) / area
    }
  }

  /// The plane that has these values at the three points.
  func plane(through values: [Tensor]) -> (constant: Tensor, x: Tensor, y: Tensor) {
    let (a, b, c) = (points[0], points[1], points[2])
    let (db, dc) = (values[1] - values[0], values[2] - values[0])
    let x = (db * (c.y - a.y) - dc * (b.y - a.y)) / area
    let y = (dc * (b.x - a.x) - db * (c.x - a.x)) / area
    return (values[0] - x * a.x - y * a.y, x, y)
  }
}
