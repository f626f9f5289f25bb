/// Where the numbers of a random op come from: Philox keyed by the seed, its counter made of the
/// block of four elements, the step and the purpose. So a draw depends on nothing else.
package struct RandomKey: Hashable, Sendable {
  package let seed: UInt64
  package let purpose: UInt32

  package init(seed: UInt64, purpose: UInt32) {
    self.seed = seed
    self.purpose = purpose
  }

  /// The type of a draw; its one input is the step, a whole number of at most 2²⁴.
  func outputType(_ shape: Shape, of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(inputs[0].elementCount == 1, "the step is one number, not \(inputs[0])")
    return TensorType(shape)
  }

  /// Fills `units` of `output`: four elements at a time, which `values` makes of four words.
  @inline(__always)
  func fill<S: HostScalar>(
    _ output: HostTensor<S>, step: S, units: Range<Int>,
    _ values: (SIMD4<UInt32>) -> (S, S, S, S)
  ) {
    let philox = Philox(seed: seed)
    let step = UInt32(step)
    let range = PointwiseProgram.elements(of: units, count: output.count)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
      let block = UInt32(truncatingIfNeeded: start / 4)
      let (a, b, c, d) = values(philox.words([block, step, purpose, 0]))
      let target = output.pointer + start
      target[0] = a
      if start + 1 < range.upperBound { target[1] = b }
      if start + 2 < range.upperBound { target[2] = c }
      if start + 3 < range.upperBound { target[3] = d }
    }
  }

  /// The launch of `kernel`, one work-item for `elements`.
  func plan(
    _ kernel: String, _ context: KernelContext, elements: Int, local: Int
  ) -> KernelPlan {
    let count = context.output.elementCount
    return KernelPlan([
      KernelLaunch(
        kernel,
        arguments: [
          .input(0), .output, .int(count), .uint(UInt32(truncatingIfNeeded: seed)),
          .uint(UInt32(truncatingIfNeeded: seed >> 32)), .uint(purpose),
        ],
        global: [(count + elements - 1) / elements], local: [local])
    ])
  }
}
