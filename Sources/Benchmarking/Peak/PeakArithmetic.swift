import TensorGraph

/// Nothing but multiply-adds, to measure how many a device can do: of a vector x, the mean of
/// ``chains`` numbers that each start at their index and become a/2 + x, ``rounds`` times.
package struct PeakArithmetic: PeakOp {
  package let rounds: Int
  package let width: Int

  /// Independent numbers for each element, so that none waits for the one before.
  private static let chains = 12

  package init(rounds: Int, width: Int) {
    self.rounds = rounds
    self.width = width
  }

  package var name: String { "peak_arithmetic" }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 2 * Self.chains * rounds * output.elementCount, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int { output.elementCount }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    for unit in units {
      var sum: S = 0
      for chain in 0..<Self.chains {
        var a = S(chain)
        for _ in 0..<rounds { a = a / 2 + inputs[0][unit] }
        sum += a
      }
      output[unit] = sum / S(Self.chains)
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("peak_fma") { context in
        let count = context.output.elementCount
        return KernelPlan([
          KernelLaunch(
            "peak_fma", defines: ["WIDTH": width, "CHAINS": Self.chains],
            arguments: [.input(0), .output, .int(count), .int(rounds)],
            global: [count / width], local: [context.flatLocal])
        ])
      }
    ]
  }
}
