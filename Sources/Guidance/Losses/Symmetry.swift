import TensorGraph

/// Mean squared difference between the picture and its mirror image, left and right.
///
/// pixray's `SymmetryLoss`.
public struct HorizontalSymmetry: NamedLoss {
  public static let name = "symmetry-horizontal"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor { context.picture.asymmetry(axes: [2]) }
}

/// The same, top and bottom.
public struct VerticalSymmetry: NamedLoss {
  public static let name = "symmetry-vertical"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor { context.picture.asymmetry(axes: [1]) }
}

/// The same of the picture turned by half a turn.
public struct PointSymmetry: NamedLoss {
  public static let name = "symmetry-point"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor {
    context.picture.asymmetry(axes: [1, 2])
  }
}

extension Tensor {
  /// Mean squared difference to this flipped along `axes`, a scalar.
  package func asymmetry(axes: [Int]) -> Tensor {
    let difference = self - axes.reduce(self) { $0.flipped(axis: $1) }
    return (difference * difference).mean()
  }
}
