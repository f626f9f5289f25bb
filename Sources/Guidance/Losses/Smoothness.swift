import TensorGraph

/// Steepness of the picture: the mean over its pixels of √(Σ of squared differences to the right and to the
/// lower neighbour, over the channels), of which the last column and row have none.
///
/// pixray's `SmoothnessLoss`, of the picture itself; pixray takes cutouts in one column, across whose
/// borders its differences run.
public struct Smoothness: NamedLoss {
  public static let name = "smoothness"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor { Self.value(of: context.picture) }

  /// Keeps the root's slope finite where nothing changes.
  private static let floor: Float = 1e-6

  /// The scalar of a picture [1,H,W,3].
  package static func value(of picture: Tensor) -> Tensor {
    var squares = picture.fullLike(0)
    for axis in [1, 2] where picture.shape[axis] > 1 {
      let extent = picture.shape[axis]
      let difference = picture.sliced(axis: axis, 1..<extent)
        - picture.sliced(axis: axis, 0..<extent - 1)
      squares = squares + (difference * difference).padded(axis: axis, before: 0, after: 1)
    }
    return (squares.sum(axes: [3]) + floor).squareRoot().mean()
  }
}
