import Benchmarking
import Execution
import Foundation
import Models
import TensorGraph
import Testing

/// The measurements on the smallest models: what they tell, not how fast anything is.
@Suite(.serialized) struct BenchmarkTests {
  /// The CPU path and an OpenCL device, as far as there is one: whether each computes what it should
  /// is other tests' to say.
  private static let devices = [ComputeDevice.cpu]
    + ComputeDevice.all().filter { $0.isUsable && $0.traits != nil }.prefix(1)

  @Test func everyDeviceIsSteppedAndTold() throws {
    let devices = Self.devices
    var reports: [String] = []
    let results = try StepBenchmark(ReferenceStep.tiny, steps: 2).run(on: devices) { reports.append($0) }
    #expect(results.map(\.device.id) == devices.map(\.id))
    for (device, result) in zip(devices, results) {
      #expect(result.seconds.count == 2 && result.seconds.allSatisfy { $0 > 0 })
      #expect((result.hostSeconds == nil) == (device.id == "cpu"))
      #expect(result.plannedBytes > 0 && result.flops > 1_000_000)
      #expect(try #require(result.peakBytes) > 0)
      #expect(result.stages.reduce(0) { $0 + $1.flops } == result.flops)
      #expect(result.ops.reduce(0) { $0 + $1.flops } == result.flops)
      #expect(result.scopes.reduce(0) { $0 + $1.flops } == result.flops)
      #expect(result.scopes.contains { $0.name == "decoder/up.0" && $0.direction == .backward })
    }
    // Devices take turns.
    let turns = reports.filter { $0.hasPrefix("step") }.map { String($0.prefix(6)) }
    #expect(turns == devices.map { _ in "step 1" } + devices.map { _ in "step 2" })
  }

  /// Each stage is where it belongs, by what only that stage does.
  @Test func stagesAreReadOffTheScopes() throws {
    let result = try StepBenchmark(ReferenceStep.tiny, steps: 1).run(on: [.cpu])[0]
    let stages = result.stages.map { "\($0.name) \($0.direction!)" }
    #expect(
      stages == [
        "quantisation forward", "generator forward", "cutouts forward", "perceptor forward",
        "optimiser backward", "perceptor backward", "cutouts backward", "generator backward",
      ].sorted { order($0) < order($1) })
    // All convolutions are the generator's, but for that of the patches; forward there are
    // exactly as many operations as the same convolutions take backward.
    let flops = Dictionary(uniqueKeysWithValues: zip(stages, result.stages.map(\.flops)))
    let ratio = Double(flops["generator backward"]!) / Double(flops["generator forward"]!)
    #expect((0.7...2).contains(ratio))
    #expect(flops["perceptor forward"]! > flops["cutouts forward"]!)
  }

  /// The stages of half precision are those of full: what its loss is scaled by moves nothing.
  @Test func stagesOfHalfPrecisionAreTheSame() throws {
    var half = ReferenceStep.tiny
    half.precision = .half
    let (full, scaled) = try (stages(.tiny), stages(half))
    #expect(full.keys == scaled.keys)
    for (stage, flops) in full where !stage.hasPrefix("optimiser") {
      #expect(Double(scaled[stage] ?? 0) < 1.1 * Double(flops) + 1000, "\(stage)")
      #expect(Double(scaled[stage] ?? 0) > 0.9 * Double(flops), "\(stage)")
    }
  }

  private func stages(_ work: ReferenceStep) throws -> [String: Int] {
    let plan = try CPUExecutable.plan(work.graph())
    var flops: [String: Int] = [:]
    for (index, part) in plan.stages.enumerated() {
      flops["\(part.stage) \(part.direction)", default: 0] += plan.loop[index].cost.flops
    }
    return flops
  }

  private func order(_ stage: String) -> Int {
    [
      "quantisation forward", "generator forward", "cutouts forward", "perceptor forward",
      "optimiser forward", "optimiser backward", "perceptor backward", "cutouts backward",
      "generator backward",
    ].firstIndex(of: stage) ?? 99
  }

  @Test func kernelsAreHeldAgainstPeaks() throws {
    var extent = DevicePeaks.Extent()
    (extent.arithmeticElements, extent.arithmeticRounds) = (1 << 12, 8)
    (extent.matrixSide, extent.copiedElements) = (64, 1 << 12)
    let devices = Self.devices
    let benchmark = KernelBenchmark(
      .tiny, only: ["conv2d", "matmul"], duration: 0, peakExtent: extent)
    let results = try benchmark.run(on: devices)
    for (device, result) in zip(devices, results) {
      #expect(result.peaks.gigaflops > 0 && result.peaks.bandwidth > 0)
      #expect(result.kernels.allSatisfy { $0.op.contains("conv2d") || $0.op.contains("matmul") })
      #expect(result.kernels.allSatisfy { ($0.kernel == nil) == (device.id == "cpu") })
      #expect(result.kernels.allSatisfy { $0.seconds > 0 && $0.share > 0 && $0.flops > 0 })
      // Every op of the step is one of them, as often as it occurs.
      let plan = try CPUExecutable.plan(ReferenceStep.tiny.graph())
      let names = plan.loop.map { plan.trace.nodes[$0.node].op.name }
        .filter { $0.contains("conv2d") || $0.contains("matmul") }
      #expect(result.kernels.reduce(0) { $0 + $1.count } == names.count)
    }
    let text = KernelReport(results, limit: 2).text
    #expect(text.contains("… and "))
    #expect(text.contains(devices[0].id))
    #expect(KernelReport(results, limit: 2).chart.bars.count <= 2 * devices.count)
  }

  @Test func whatCannotBeMeasuredIsNamed() {
    #expect(throws: BenchmarkError.size(width: 33, height: 16, factor: 2)) {
      var step = ReferenceStep.tiny
      step.width = 33
      _ = try step.graph()
    }
    let error = #expect(throws: BenchmarkError.self) {
      try KernelBenchmark(.tiny, only: ["fft"]).run(on: [.cpu])
    }
    #expect(error?.description.contains("'fft'; there are ") == true)
    #expect(error?.description.contains("conv2d") == true)
  }
}
