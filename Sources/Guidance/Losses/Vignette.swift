import Foundation
import TensorGraph

/// Distance of the picture to white, more of it the further from the middle: the mean of
/// |x − 1|·(1 − g), g a Gaussian about the middle whose deviation is a fifth of each side.
///
/// pixray's `GaussianLoss`, whose deviation is 40 pixels.
public struct Vignette: NamedLoss {
  public static let name = "gaussian"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  public func value(_ context: GuidanceContext) -> Tensor { Self.value(of: context.picture) }

  /// The scalar of a picture [1,H,W,3].
  package static func value(of picture: Tensor) -> Tensor {
    let (height, width) = (picture.shape[1], picture.shape[2])
    func bell(_ side: Int) -> [Float] {
      let deviation = Double(side) / 5
      return (0..<side).map { index in
        let way = (Double(index) - Double(side - 1) / 2) / deviation
        return Float(exp(-way * way / 2))
      }
    }
    let graph = picture.graph
    let share = 1 - graph.literal(bell(height), [1, height, 1, 1])
      * graph.literal(bell(width), [1, 1, width, 1])
    return ((picture - 1).absolute() * share).mean()
  }
}
