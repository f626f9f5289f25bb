import Execution
import Foundation
import TensorGraph

/// Times a step on several devices, in turn, so that whatever else the machine does
/// meets them all.
package struct StepBenchmark {
  package let work: any StepWork
  /// Timed steps of each device; one more before them is not timed.
  package let steps: Int

  package init(_ work: any StepWork, steps: Int) {
    self.work = work
    self.steps = steps
  }

  /// - Parameter report: is told what is being done.
  package func run(
    on devices: [ComputeDevice], report: (String) -> Void = { _ in }
  ) throws -> [StepMeasurement] {
    for device in devices { try device.requireStorage(of: work.precision) }
    let atStart = ResidentMemory.current
    var runs: [Run] = []
    for device in devices {
      report("setting up \(device)")
      runs.append(try Run(work, device, othersHold: memory(since: atStart)))
    }
    for number in 1...steps {
      for run in runs {
        report("step \(number) of \(steps) on \(run.device)")
        try run.step()
      }
    }
    return try runs.map { try $0.measurement() }
  }

  /// Bytes that have become resident since then.
  private func memory(since start: Int?) -> Int {
    guard let start, let now = ResidentMemory.current else { return 0 }
    return max(0, now - start)
  }
}

/// The compiled step on one device, and what was measured of it.
private final class Run {
  let device: ComputeDevice
  private let executable: any Executable
  private let setupSeconds: Double
  private let baseBytes: Int?
  private let peakBytes: Int?
  private var seconds: [Double] = []
  private var hostSeconds: [Double] = []

  init(_ work: any StepWork, _ device: ComputeDevice, othersHold others: Int) throws {
    self.device = device
    baseBytes = ResidentMemory.current.map { $0 - others }
    ResidentMemory.resetPeak()
    let clock = ContinuousClock()
    let start = clock.now
    executable = try device.compile(try work.plan(on: device))
    setupSeconds = start.duration(to: clock.now) / .seconds(1)
    try work.begin(executable)
    // Drivers finish kernels, and allocate, when they first run.
    try executable.step()
    try executable.finish()
    peakBytes = ResidentMemory.peak.map { $0 - others }
  }

  func step() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let processor = ThreadTime.now
    try executable.step()
    hostSeconds.append(ThreadTime.now - processor)
    try executable.finish()
    seconds.append(start.duration(to: clock.now) / .seconds(1))
  }

  func measurement() throws -> StepMeasurement {
    let computesItself = device.id == ComputeDevice.cpu.id
    return StepMeasurement(
      device: DeviceSummary(device), plan: executable.plan, seconds: seconds,
      hostSeconds: computesItself ? nil : hostSeconds, setupSeconds: setupSeconds,
      baseBytes: baseBytes, peakBytes: peakBytes, profile: try executable.profile())
  }
}

/// Processor time of the calling thread.
private enum ThreadTime {
  /// In seconds.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
