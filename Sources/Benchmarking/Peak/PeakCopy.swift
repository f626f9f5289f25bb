import TensorGraph

/// A copy of a vector, to measure how fast a device's memory is.
package struct PeakCopy: PeakOp {
  package let width: Int

  /// Elements of one unit on the host.
  private static let unitSize = 1 << 18

  package init(width: Int) { self.width = width }

  package var name: String { "peak_copy" }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 0, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    (output.elementCount + Self.unitSize - 1) / Self.unitSize
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let start = units.lowerBound * Self.unitSize
    let end = min(units.upperBound * Self.unitSize, output.count)
    (output.pointer + start).update(from: inputs[0].pointer + start, count: end - start)
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("peak_copy") { context in
        let count = context.output.elementCount
        return KernelPlan([
          KernelLaunch(
            "peak_copy", defines: ["WIDTH": width], arguments: [.input(0), .output, .int(count)],
            global: [count / width], local: [context.flatLocal])
        ])
      }
    ]
  }
}
