import Benchmarking
import Execution
import Guidance
import TensorGraph
import Testing

/// What a tuner tries, rejects and keeps; not how fast anything is.
@Suite(.serialized) struct TunerTests {
  private static let devices = ComputeDevice.all()
    .filter { $0.isUsable && $0.traits != nil }.prefix(1)

  @Test func everyKernelWithTunablesIsFoundOnce() throws {
    let tuner = Tuner(.tiny, only: ["attention_log"], duration: 0)
    for device in Self.devices {
      var tuning = Tuning(device: "\(device)")
      var outcomes: [Tuner.Outcome] = []
      try tuner.run(on: device, known: tuning) {
        outcomes.append($0)
        tuning.add($0.entry)
        return true
      }
      #expect(!outcomes.isEmpty && tuning.entries.count == outcomes.count)
      for outcome in outcomes {
        #expect(outcome.entry.work.op.hasPrefix("attention_log_sum_exp"))
        #expect(outcome.rejected.isEmpty, "\(outcome.rejected) on \(device)")
        #expect(outcome.tried > 1 && outcome.count > 0)
        #expect(outcome.entry.seconds > 0 && outcome.entry.seconds <= outcome.entry.untunedSeconds)
      }
      try tuner.run(on: device, known: tuning) { _ in
        Issue.record("tuned again")
        return true
      }
    }
  }

  @Test func itStopsWhenTold() throws {
    for device in Self.devices {
      var count = 0
      try Tuner(.tiny, only: ["attention_log"], duration: 0)
        .run(on: device, known: Tuning(device: "")) { _ in
          count += 1
          return false
        }
      #expect(count == 1)
    }
  }

  /// A kernel that is miscompiled with one of its settings, as fast as that makes it.
  @Test func whatComputesSomethingElseIsRejected() throws {
    for device in Self.devices {
      let outcome = try Tuner(.tiny, duration: 0)
        .tune(Miscompiled(isUntunedRight: true), [TensorType([1 << 14])], on: device)
      #expect(outcome.tried == 3)
      #expect(outcome.rejected.map(\.choice.settings) == [["ROUNDS": 0]])
      #expect(outcome.entry.choice.settings != ["ROUNDS": 0])
      // Even where the others are slower, what runs untuned is not kept if it is wrong.
      let forced = try Tuner(.tiny, duration: 0)
        .tune(Miscompiled(isUntunedRight: false), [TensorType([1 << 14])], on: device)
      #expect(forced.rejected.map(\.choice.settings) == [[:]])
      #expect(forced.entry.choice.settings == ["ROUNDS": 64])
    }
  }

  @Test func theCPUPathHasNothingToTune() {
    #expect(throws: BenchmarkError.self) {
      try Tuner(.tiny).run(on: .cpu, known: Tuning(device: "")) { _ in true }
    }
    #expect(throws: BenchmarkError.self) {
      try Tuner(.tiny).tune(Miscompiled(isUntunedRight: true), [TensorType([16])], on: .cpu)
    }
  }
}

/// `peak_fma` with the number of its rounds for a tunable: a wrong one gives a wrong result.
private struct Miscompiled: NonDifferentiable {
  let isUntunedRight: Bool

  private var definition: PeakArithmetic { PeakArithmetic(rounds: 64, width: 1) }
  var name: String { "miscompiled" }

  func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try definition.outputType(of: inputs)
  }

  func units(inputs: [TensorType], output: TensorType) -> Int { output.elementCount }

  func evaluate(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>) {
    definition.evaluate(inputs, into: output, units: units)
  }

  func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    definition.evaluate(inputs, into: output, units: units)
  }

  var variants: [KernelVariant] {
    let others = isUntunedRight ? [0, 100] : [64]
    return [
      KernelVariant("peak_fma", candidates: { _ in others.map { ["ROUNDS": $0] } }) { context in
        let rounds = context.settings["ROUNDS"] ?? (isUntunedRight ? 64 : 0)
        let count = context.output.elementCount
        return KernelPlan([
          KernelLaunch(
            "peak_fma", defines: ["WIDTH": 1, "CHAINS": 12],
            arguments: [.input(0), .output, .int(count), .int(rounds)], global: [count], local: [1])
        ])
      }
    ]
  }
}
