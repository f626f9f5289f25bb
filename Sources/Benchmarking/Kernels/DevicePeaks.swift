import Execution
import TensorGraph

/// The most that a device was seen to do, which kernels are held against.
package struct DevicePeaks: Encodable, Sendable {
  /// Of arithmetic: on an OpenCL device a kernel of nothing but multiply-adds, on the CPU path a
  /// large matrix product by oneDNN.
  package let gigaflops: Double
  /// Of memory, in GB/s read and written together: a copy far larger than the caches.
  package let bandwidth: Double

  package init(gigaflops: Double, bandwidth: Double) {
    self.gigaflops = gigaflops
    self.bandwidth = bandwidth
  }

  /// What is measured; smaller in tests.
  package struct Extent: Sendable {
    package var arithmeticElements = 1 << 20
    package var arithmeticRounds = 256
    package var matrixSide = 2048
    package var copiedElements = 1 << 26

    package init() {}
  }

  package init(of device: ComputeDevice, extent: Extent = Extent(), duration: Double) throws {
    /// The fastest of several ways to do work of a kind, in work a second.
    func best(
      _ work: KeyPath<Cost, Int>, _ ops: [any Op], _ inputs: [TensorType]
    ) throws -> Double {
      try ops.map { op in
        let output = try op.outputType(of: inputs)
        // A matrix product has its second operand prepared, as a layer has its weights.
        let kernel = KernelCase(
          computation: Computation(op: op, inputs: inputs, output: output),
          isConstant: inputs.indices.map { $0 > 0 })
        let seconds = try kernel.program(on: device, kernel.feeds()).seconds(for: duration)
        return Double(kernel.cost[keyPath: work]) / seconds
      }.max() ?? 0
    }
    let matrix = TensorType([extent.matrixSide, extent.matrixSide])
    // Transposed, as oneDNN computes that: Strassen's algorithm does less than the definition.
    let arithmetic =
      device.id == ComputeDevice.cpu.id
      ? try best(\.flops, [MatMul(transposeA: true, transposeB: false)], [matrix, matrix])
      : try best(
        \.flops, [1, 8, 16].map { PeakArithmetic(rounds: extent.arithmeticRounds, width: $0) },
        [TensorType([extent.arithmeticElements])])
    gigaflops = arithmetic * 1e-9
    bandwidth = 1e-9 * (try best(
      \.bytes, [4, 16].map { PeakCopy(width: $0) }, [TensorType([extent.copiedElements])]))
  }

  /// Seconds that a step takes when each of its kernels is as fast as the peaks allow.
  package func seconds(_ plan: Plan) -> Double { plan.loop.reduce(0) { $0 + seconds($1.work) } }

  /// Seconds that work of this cost takes at the peaks.
  func seconds(_ cost: Cost) -> Double {
    max(Double(cost.flops) / gigaflops, Double(cost.bytes) / bandwidth) * 1e-9
  }
}
