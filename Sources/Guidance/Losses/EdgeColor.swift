import TensorGraph

/// Distance of the picture's border to white: a tenth of the sum of the mean squared differences of four
/// margins of a twentieth of a side, and a twentieth of that of the whole picture.
///
/// pixray's `EdgeLoss`, with a margin that grows with the picture.
public struct EdgeColor: NamedLoss {
  public static let name = "edge"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor { Self.value(of: context.picture) }

  /// The scalar of a picture [1,H,W,3].
  package static func value(of picture: Tensor) -> Tensor {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let rows = margin(height)
    let columns = margin(width)
    func distance(_ part: Tensor) -> Tensor {
      let way = 1 - part
      return (way * way).mean()
    }
    func column(_ range: Range<Int>) -> Tensor { picture.sliced(axis: 2, range) }
    var sum = distance(column(0..<columns)) + distance(column(width - columns..<width))
    // Corners belong to the left and the right.
    if width > 2 * columns {
      let middle = column(columns..<width - columns)
      sum = sum + distance(middle.sliced(axis: 1, 0..<rows))
        + distance(middle.sliced(axis: 1, height - rows..<height))
    }
    return 0.1 * (sum + 0.05 * distance(picture))
  }

  private static func margin(_ side: Int) -> Int { max(1, side / 20) }
}
