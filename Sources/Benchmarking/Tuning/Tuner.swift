import Execution
import Support
import TensorGraph

/// Finds, for every kernel of the reference step that has tunables, which variant and which
/// settings are the fastest on a device.
///
/// Every candidate's result is held against the CPU path's before its time counts: drivers
/// miscompile. The fastest then takes turns with what would run untuned, and is chosen only if it
/// wins clearly.
package struct Tuner {
  package let work: ReferenceStep
  /// Only ops whose name contains one of these; all if there is none.
  package let filters: [String]
  /// Seconds to repeat each of the fastest candidates for, at least.
  package let duration: Double

  /// Times the fastest candidate must be as fast as the untuned kernel: more than measuring errs by,
  /// as every setting is one more program to compile.
  private static let leastGain = 1.05
  /// Largest difference from the CPU path's result, over its largest value. Algorithms differ by a
  /// few 1e-5 (docs/kernels.md); what is miscompiled differs by much more.
  private static let tolerance = 2e-4

  package init(_ work: ReferenceStep, only filters: [String] = [], duration: Double = 0.1) {
    self.work = work
    self.filters = filters
    self.duration = duration
  }

  /// What was found for one kernel of the step.
  package struct Outcome {
    package let entry: Tuning.Entry
    /// How often it occurs in a step.
    package let count: Int
    /// Candidates that were tried, the untuned one among them.
    package let tried: Int
    /// Candidates that compute something else, or cannot be built, and why.
    package let rejected: [(choice: Tuning.Choice, reason: String)]
  }

  /// - Parameters:
  ///   - known: what has been tuned before, which is not done again.
  ///   - report: is told what is being done.
  ///   - found: is told of each kernel as soon as it is done; returns whether to go on.
  /// - Throws: ``BenchmarkError``, or what the device throws if not even the untuned kernel runs.
  package func run(
    on device: ComputeDevice, known: Tuning, report: (String) -> Void = { _ in },
    found: (Outcome) throws -> Bool
  ) throws {
    guard let traits = device.traits else { throw BenchmarkError.nothingToTune("\(device)") }
    let all = try KernelCase.all(of: work.graph()).map(\.withoutEpilogue)
      .filter { $0.hasTunables(on: traits) }
    let chosen = all.filter { kernel in
      filters.isEmpty || filters.contains { kernel.op.name.contains($0) }
    }
    let counted = KernelCase.counted(chosen)
    guard !counted.isEmpty else {
      throw BenchmarkError.noSuchOp(filters: filters, known: Set(all.map(\.op.name)).sorted())
    }
    for (index, (kernel, count)) in counted.enumerated() {
      if known.entry(for: kernel.computation.tuningWork) != nil { continue }
      let outcome = try tune(kernel, count: count, on: device) {
        report("\(index + 1) of \(counted.count), \(kernel.op.name) \(kernel.shapes): \($0)")
      }
      guard try found(outcome) else { return }
    }
  }

  /// What is found for one op of inputs of these types, all of which change from step to step.
  package func tune(
    _ op: any Op, _ inputs: [TensorType], on device: ComputeDevice
  ) throws -> Outcome {
    let computation = Computation(
      op: op, inputs: inputs, output: try op.outputType(of: inputs))
    let kernel = KernelCase(
      computation: computation, isConstant: inputs.map { _ in false })
    return try tune(kernel, count: 1, on: device) { _ in }
  }

  private func tune(
    _ kernel: KernelCase, count: Int, on device: ComputeDevice, report: (String) -> Void
  ) throws -> Outcome {
    guard let traits = device.traits else { throw BenchmarkError.nothingToTune("\(device)") }
    report("the expected result")
    let feeds = try kernel.feeds()
    let expected = try kernel.program(on: .cpu, feeds).result()
    let candidates = Candidate.all(of: kernel, on: traits)
    let untuned = candidates[0]
    var rejected: [(choice: Tuning.Choice, reason: String)] = []
    var times: [(candidate: Candidate, seconds: Double)] = []
    for (index, candidate) in candidates.enumerated() {
      report("\(index + 1) of \(candidates.count), \(candidate.choice)")
      do {
        let program = try kernel.program(on: candidate.device(device), feeds)
        let difference = maxRelativeError(try program.result(), to: expected)
        guard difference <= Self.tolerance else {
          rejected.append((candidate.choice, "its result is \(difference) off"))
          continue
        }
        let best = times.map(\.seconds).min() ?? .infinity
        var seconds = try program.seconds()
        // What is far behind gets no second chance.
        if seconds < 1.5 * best { seconds = min(seconds, try program.seconds(for: duration)) }
        times.append((candidate, seconds))
      } catch where index > 0 {
        rejected.append((candidate.choice, "\(error)"))
      }
    }
    guard let fastest = times.min(by: { $0.seconds < $1.seconds })?.candidate else {
      throw BenchmarkError.wrongResult(kernel: "\(untuned.choice.kernel)", device: "\(device)")
    }
    report("\(fastest.choice) once more")
    let (tuned, before) = try duel(fastest, untuned, kernel, feeds, device)
    // Where what would run untuned computes something else, speed is no question.
    let wins = fastest.choice != untuned.choice && tuned * Self.leastGain < before
      || rejected.contains { $0.choice == untuned.choice }
    return Outcome(
      entry: Tuning.Entry(
        work: untuned.work, choice: wins ? fastest.choice : untuned.choice,
        seconds: wins ? tuned : before, untunedSeconds: before),
      count: count, tried: candidates.count, rejected: rejected)
  }

  /// Seconds of two candidates that take turns.
  private func duel(
    _ first: Candidate, _ second: Candidate, _ kernel: KernelCase, _ feeds: [String: [Float]],
    _ device: ComputeDevice
  ) throws -> (Double, Double) {
    let programs = try [first, second].map { try kernel.program(on: $0.device(device), feeds) }
    for program in programs { _ = try program.seconds() }
    var fastest = [Double.infinity, .infinity]
    for _ in 0..<4 {
      for (index, program) in programs.enumerated() {
        fastest[index] = min(fastest[index], try program.seconds(for: duration / 2))
      }
    }
    return (fastest[0], fastest[1])
  }
}

extension KernelCase {
  /// Whether a variant has settings to choose from.
  fileprivate func hasTunables(on traits: DeviceTraits) -> Bool {
    let context = computation.context(on: traits)
    return computation.variants.contains { $0.accepts(context) && !$0.candidates(context).isEmpty }
  }
}

/// A way to compute a kernel that a tuner tries.
private struct Candidate {
  let work: Tuning.Work
  let choice: Tuning.Choice

  /// What runs untuned, then every other that launches something else.
  static func all(of kernel: KernelCase, on traits: DeviceTraits) -> [Candidate] {
    let work = kernel.computation.tuningWork
    var context = kernel.computation.context(on: traits)
    var plans: Set<KernelPlan> = []
    var candidates: [Candidate] = []
    let variants = kernel.computation.variants.filter { $0.accepts(context) }
    for variant in variants {
      context.settings = [:]
      for settings in [[:]] + variant.candidates(context) {
        context.settings = settings
        guard plans.insert(variant.plan(context)).inserted else { continue }
        let choice = Tuning.Choice(kernel: variant.name, settings: settings)
        candidates.append(Candidate(work: work, choice: choice))
      }
    }
    return candidates
  }

  /// The device on which this is what runs.
  func device(_ device: ComputeDevice) -> ComputeDevice {
    var tuning = Tuning(device: "\(device)")
    tuning.add(Tuning.Entry(work: work, choice: choice, seconds: 0, untunedSeconds: 0))
    var device = device
    device.tuning = [tuning]
    return device
  }
}
