import TensorGraph

/// Total variation of the picture, squared: the mean over all samples of the squared differences to
/// the right and to the lower neighbour, of which the last column and row have none.
///
/// Rudin, Osher and Fatemi (1992) in the squared form of pytti and the disco notebooks.
public struct TotalVariation: NamedLoss {
  public static let name = "total-variation"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor { Self.value(of: context.picture) }

  /// The scalar of a picture [1,H,W,3].
  package static func value(of picture: Tensor) -> Tensor {
    let count = Float(picture.shape.elementCount)
    let squares = [1, 2].compactMap { axis -> Tensor? in
      let extent = picture.shape[axis]
      guard extent > 1 else { return nil }
      let difference = picture.sliced(axis: axis, 1..<extent)
        - picture.sliced(axis: axis, 0..<extent - 1)
      return (difference * difference).sum(axes: [0, 1, 2, 3]).reshaped([]) * (1 / count)
    }
    return squares.reduce(picture.graph.fill(0, []), +)
  }
}
