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
}
