/// Uniform numbers in [0, 1), multiples of 2⁻²⁴; the same bits on every device.
package struct RandomUniform: ReferenceOp, NonDifferentiable {
  package let shape: Shape
  package let key: RandomKey

  package init(shape: Shape, key: RandomKey) {
    self.shape = shape
    self.key = key
  }

  package var name: String { "random_uniform" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try key.outputType(shape, of: inputs)
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    PointwiseProgram.units(output.elementCount)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    key.fill(output, step: inputs[0][0], units: units) { words in
      (
        unitInterval(words.x), unitInterval(words.y), unitInterval(words.z), unitInterval(words.w)
      )
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("random_uniform_philox") { context in
        key.plan("random_uniform_philox", context, elements: 4, local: context.flatLocal)
      }
    ]
  }
}

/// The upper 24 bits of a random word as a number in [0, 1).
@inline(__always)
func unitInterval<S: HostScalar>(_ word: UInt32) -> S { S(word >> 8) * S(0x1p-24 as Float) }

extension Graph {
  /// Uniform numbers in [0, 1) that depend on their place, `seed`, `purpose` and `step` alone:
  /// the same on every device and after a resume.
  /// - Parameters:
  ///   - purpose: sets draws of one step apart; draws that share it are equal.
  ///   - step: one element, a whole number of at most 2²⁴.
  public func randomUniform(
    _ shape: Shape, seed: UInt64, purpose: UInt32, step: Tensor
  ) -> Tensor {
    apply(RandomUniform(shape: shape, key: RandomKey(seed: seed, purpose: purpose)), [step])
  }
}
