import Execution
import Imaging
import TensorGraph

/// Raw pixels as parameters: the picture itself is moved.
///
/// Nothing keeps neighbouring pixels alike, so it shows what a perceptor rewards by itself; a
/// smoothness term such as total variation calms it.
public struct PixelGenerator: Generator {
  public static let name = "pixels"
  /// The parameter [1,H,W,3] in 0…1.
  private static let pixelsName = "pixels"
  /// Rate in units of the descent's, which suits the wider range of a VQGAN's latent.
  private static let learningRateFactor: Float = 0.2
  /// Deviation of the noise around middle grey that a render starts from.
  private static let startDeviation: Float = 0.1

  public init() {}

  public var factor: Int { 1 }

  public func trace(in graph: Graph, width: Int, height: Int) throws -> TracedGenerator {
    let pixels = graph.variable(Self.pixelsName, [1, height, width, 3], .float32, .zeros)
    return TracedGenerator(
      parameters: [
        .init(Self.pixelsName, pixels, learningRateFactor: Self.learningRateFactor) {
          $0.minimum($0.fullLike(1)).maximum($0.fullLike(0))
        }
      ], picture: pixels)
  }

  public func randomStart(
    width: Int, height: Int, seed: UInt64, number: Int
  ) throws -> ParameterValues {
    let noise = RandomStart.normal([1, height, width, 3], seed: seed, number: number)
    for index in 0..<noise.count {
      noise[index] = min(max(0.5 + Self.startDeviation * noise[index], 0), 1)
    }
    return [Self.pixelsName: noise]
  }

  public func encode(_ picture: Image, on device: ComputeDevice) throws -> ParameterValues {
    let pixels = picture.pixels.map { min(max($0, 0), 1) }
    return [Self.pixelsName: HostTensor(shape: [1, picture.height, picture.width, 3], pixels)]
  }
}
