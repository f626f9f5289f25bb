import Imaging
import TensorGraph

/// Random numbers of starts.
enum RandomStart {
  /// Normal numbers of mean 0 and deviation 1, drawn on the host by (seed, number): the same for
  /// every device.
  static func normal(_ shape: Shape, seed: UInt64, number: Int) -> HostTensor<Float> {
    let op = RandomNormal(
      shape: shape, key: RandomKey(seed: seed, purpose: RandomPurpose.start))
    return op.evaluate([HostTensor<Float>(shape: [1], [Float(number)])], type: TensorType(shape))
  }

  /// A picture of random pixels between black and white, drawn by the seed.
  static func noise(width: Int, height: Int, seed: UInt64) -> Image {
    let op = RandomUniform(
      shape: [height, width, 3], key: RandomKey(seed: seed, purpose: RandomPurpose.start))
    let type = TensorType([height, width, 3])
    let pixels = op.evaluate([HostTensor<Float>(shape: [1], [0])], type: type)
    return Image(width: width, height: height, pixels: pixels.values)
  }
}
