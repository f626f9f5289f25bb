import Execution
import Guidance
import TensorGraph
import Testing

/// What a descent says when its gradient is not finite, and when there is no more to be done for it.
@Suite struct DivergenceTests {
  /// An executable that holds values and computes none.
  private final class Values: Executable {
    let plan: Plan
    var values: [String: [Float]] = [
      GuidanceGraph.stepName: [0], GuidanceGraph.hasDivergedName: [0], "loss": [0.5],
      "loss/total-variation": [0.5], GuidanceGraph.lossScaleName: [LossScale.initial],
    ]
    /// What a step does to them.
    let change: (inout [String: [Float]]) -> Void

    init(_ change: @escaping (inout [String: [Float]]) -> Void) throws {
      plan = try ComputeDevice.cpu.plan(Graph())
      self.change = change
    }

    func write(_ name: String, _ value: [Float]) { values[name] = value }
    func write(_ name: String, integers: [Int32]) { values[name] = integers.map(Float.init) }
    func write(_ name: String, bytes: [UInt8]) { values[name] = bytes.map(Float.init) }
    func step() { change(&values) }
    func profile() -> StepProfile { StepProfile(seconds: []) }
    func read(_ names: [String]) -> [[Float]] { names.map { values[$0]! } }
    func finish() {}
  }

  private func descent(_ executable: Values, _ precision: Precision) -> Descent {
    var problem = GuidanceProblem(
      PixelGenerator(), losses: [TotalVariation(weight: 1)], width: 8, height: 8, steps: 4)
    problem.precision = precision
    return Descent(executable, problem)
  }

  /// In full precision at once, though the loss is still a number: the latent is drawn back to where
  /// codes are, and what is not a number there is hidden.
  @Test func inFullPrecisionOneStepIsEnough() throws {
    let descent = descent(
      try Values {
        $0[GuidanceGraph.stepName]![0] += 1
        $0[GuidanceGraph.hasDivergedName] = [1]
      }, .full)
    #expect(try descent.losses().total == 0.5)
    try descent.step()
    #expect(throws: GuidanceError.diverged(step: 1)) { try descent.losses() }
  }

  /// In half precision a step is repeated with a smaller scale until it cannot be that.
  @Test func inHalfPrecisionTheScaleEndsIt() throws {
    let executable = try Values {
      $0[GuidanceGraph.lossScaleName]![0] /= 2
      $0[GuidanceGraph.hasDivergedName] = [1]
    }
    let descent = descent(executable, .half)
    var taken = 0
    #expect(throws: GuidanceError.diverged(step: 0)) {
      while descent.stepsDone < 4 {
        try descent.step()
        taken += 1
      }
    }
    #expect(executable.values[GuidanceGraph.lossScaleName]![0] < LossScale.smallest && taken > 30)
  }

  /// A loop to the last step does not end before the steps that had to be repeated are done.
  @Test func repeatedStepsAreNotCounted() throws {
    var broken = 2
    let executable = try Values {
      if broken > 0 {
        broken -= 1
        $0[GuidanceGraph.lossScaleName]![0] /= 2
        $0[GuidanceGraph.hasDivergedName] = [1]
      } else {
        $0[GuidanceGraph.stepName]![0] += 1
        $0[GuidanceGraph.hasDivergedName] = [0]
      }
    }
    let descent = descent(executable, .half)
    while descent.stepsDone < 4 { try descent.step() }
    #expect(executable.values[GuidanceGraph.stepName]! == [4])
  }
}
