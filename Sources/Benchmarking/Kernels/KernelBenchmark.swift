import Execution
import TensorGraph

/// Times every distinct op of the reference step by itself and holds it against the device's peaks.
package struct KernelBenchmark {
  package let work: ReferenceStep
  /// Only ops whose name contains one of these; all if there is none.
  package let filters: [String]
  /// Whether ops are timed without the pointwise programs that their kernels apply.
  package let isBare: Bool
  /// Seconds to repeat each for, at least.
  package let duration: Double
  package let peakExtent: DevicePeaks.Extent

  package init(
    _ work: ReferenceStep, only filters: [String] = [], isBare: Bool = false,
    duration: Double = 0.2, peakExtent: DevicePeaks.Extent = DevicePeaks.Extent()
  ) {
    self.work = work
    self.filters = filters
    self.isBare = isBare
    self.duration = duration
    self.peakExtent = peakExtent
  }

  /// - Parameter report: is told what is being done.
  /// - Throws: ``BenchmarkError/noSuchOp(filters:known:)``, or what a device throws.
  package func run(
    on devices: [ComputeDevice], report: (String) -> Void = { _ in }
  ) throws -> [KernelMeasurement] {
    for device in devices { try device.requireStorage(of: work.precision) }
    return try devices.map { try run(on: $0, report: report) }
  }

  private func run(on device: ComputeDevice, report: (String) -> Void) throws -> KernelMeasurement {
    let graph = try work.graph()
    var all = try KernelCase.all(of: graph)
    if let traits = device.traits {
      // Without what only ops need whose kernels here do without it.
      let plan = try Plan(graph, device: traits, usesKernels: true)
      let computed = Set(
        plan.loop.map { step -> [AnyHashable] in
          let node = plan.trace.nodes[step.node]
          return [AnyHashable(node.op), node.epilogue, node.type]
        })
      all.removeAll { !computed.contains([AnyHashable($0.op), $0.computation.epilogue, $0.output]) }
    }
    if isBare { all = all.map(\.withoutEpilogue) }
    let chosen = all.filter { kernel in
      filters.isEmpty || filters.contains { kernel.computation.name.contains($0) }
    }
    guard !chosen.isEmpty else {
      throw BenchmarkError.noSuchOp(
        filters: filters, known: Set(all.map(\.op.name)).sorted())
    }
    report("peaks of \(device)")
    let peaks = try DevicePeaks(of: device, extent: peakExtent, duration: duration)
    let counted = KernelCase.counted(chosen)
    let rows = try counted.enumerated().map { index, element in
      let (kernel, count) = element
      report("\(index + 1) of \(counted.count), \(kernel.computation.name), on \(device)")
      let program = try kernel.program(on: device, kernel.feeds())
      let seconds = try program.seconds(for: duration)
      return KernelMeasurement.Row(
        op: kernel.computation.name, shapes: kernel.shapes,
        kernel: program.executable.plan.loop.last?.variant, count: count, seconds: seconds,
        flops: kernel.cost.flops, bytes: kernel.cost.bytes,
        share: peaks.seconds(kernel.cost) / seconds)
    }
    return KernelMeasurement(
      device: DeviceSummary(device), peaks: peaks, kernels: rows.sorted { $0.lost > $1.lost })
  }
}

/// What a device does with each distinct op of the reference step.
package struct KernelMeasurement: Encodable {
  package struct Row: Encodable {
    package let op: String
    package let shapes: String
    /// The kernel variant that was chosen; nil on the CPU path.
    package let kernel: String?
    /// How often it occurs in a step.
    package let count: Int
    /// Of one run: the fastest.
    package let seconds: Double
    package let flops: Int
    package let bytes: Int
    /// Of what the device can do: the time at its peaks over the time taken.
    package let share: Double

    /// Seconds a step would gain if it ran at the peaks.
    var lost: Double { Double(count) * seconds * (1 - share) }
  }

  package let device: DeviceSummary
  package let peaks: DevicePeaks
  /// What has the most to gain first.
  package let kernels: [Row]
}
