import CHostKernels
import RealModule

/// Normal numbers of mean 0 and deviation 1, by the transform of Box and Muller.
package struct RandomNormal: ReferenceOp, NonDifferentiable {
  package let shape: Shape
  package let key: RandomKey

  package init(shape: Shape, key: RandomKey) {
    self.shape = shape
    self.key = key
  }

  package var name: String { "random_normal" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try key.outputType(shape, of: inputs)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 30 * output.elementCount, bytes: output.byteCount)
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    PointwiseProgram.units(output.elementCount)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    key.fill(output, step: inputs[0][0], units: units) { words in
      let (a, b) = pair(words.x, words.y) as (S, S)
      let (c, d) = pair(words.z, words.w) as (S, S)
      return (a, b, c, d)
    }
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    let range = PointwiseProgram.elements(of: units, count: output.count)
    tessera_random_normal(
      key.seed, UInt32(truncatingIfNeeded: range.lowerBound / 4), UInt32(inputs[0][0]), key.purpose,
      output.pointer + range.lowerBound, Int64(range.count))
  }

  /// Two normal numbers of two words. The radius takes 1 − u, in (0, 1], so that its logarithm is
  /// finite: at most √(48·ln 2) ≈ 5.77.
  @inline(__always)
  private func pair<S: HostScalar>(_ first: UInt32, _ second: UInt32) -> (S, S) {
    let radius = S.sqrt(-2 * S.log(1 - unitInterval(first)))
    let angle = 2 * S.pi * unitInterval(second)
    return (radius * S.cos(angle), radius * S.sin(angle))
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("random_normal_vectors") { context in
        context.device.deviceClass == .cpu
      } plan: { context in
        key.plan("random_normal_vectors", context, elements: 64, local: 1)
      },
      KernelVariant("random_normal_philox") { context in
        key.plan("random_normal_philox", context, elements: 4, local: context.flatLocal)
      },
    ]
  }
}

extension Graph {
  /// Normal numbers of mean 0 and deviation 1 that depend on their place, `seed`, `purpose` and
  /// `step` alone, as in ``randomUniform(_:seed:purpose:step:)``; devices differ by rounding only.
  public func randomNormal(
    _ shape: Shape, seed: UInt64, purpose: UInt32, step: Tensor
  ) -> Tensor {
    apply(RandomNormal(shape: shape, key: RandomKey(seed: seed, purpose: purpose)), [step])
  }
}
