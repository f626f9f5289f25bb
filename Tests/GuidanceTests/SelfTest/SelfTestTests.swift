import Execution
import Guidance
import TensorGraph
import TestSupport
import Testing

/// A device that computes something else shows as one that fails.
@Suite struct SelfTestTests {
  private struct Broken: Error, CustomStringConvertible {
    let description = "the kernel does not compile"
  }

  /// A check of x · 2 whose graph is another for the device than for the CPU path.
  private func stage(
    isCodes: Bool = false, onDevice graph: @escaping (Graph, Tensor) throws -> Tensor
  ) throws -> SelfTest.Stage {
    var isReference = true
    let check = try Check(
      [Check.Result(name: "y", tolerance: 1e-3, isCodes: isCodes)], inputs: ["x": [1, 2, 3, 4]]
    ) {
      let made = Graph()
      let x = made.input("x", [4])
      made.output("y", isReference ? 2 * x : try graph(made, x))
      isReference = false
      return made
    }
    return check.run(on: .cpu)[0]
  }

  @Test func theSameResultsPass() throws {
    let stage = try stage { _, x in x + x }
    #expect(stage.isPassed && stage.error == 0 && stage.name == "y" && stage.failure == nil)
  }

  @Test func anErrorIsRelativeToTheLargestValue() throws {
    let slight = try stage { _, x in 2 * x + 0.004 }
    #expect(slight.isPassed && abs(slight.error - 5e-4) < 1e-6)
    let gross = try stage { _, x in 2 * x + 0.08 }
    #expect(!gross.isPassed && abs(gross.error - 1e-2) < 1e-5)
  }

  @Test func codesDifferOrDoNot() throws {
    let literal: [Float] = [2, 4, 6, 9]
    let stage = try stage(isCodes: true) { graph, x in graph.literal(literal, [4]) + 0 * x }
    #expect(!stage.isPassed && stage.error == 0.25)
  }

  @Test func whatIsNotANumberFails() throws {
    let stage = try stage { _, x in x / (x - 1) }
    #expect(!stage.isPassed && stage.error == .infinity)
  }

  @Test func whatCannotRunFailsWithItsReason() throws {
    let stage = try stage { _, _ in throw Broken() }
    #expect(!stage.isPassed && stage.failure == "the kernel does not compile")
  }

  /// Every kind of public checkpoint goes through all stages.
  @Test(arguments: [
    (Originals.generator, Originals.perceptor),
    (
      Originals.root + "/Tests/Fixtures/checkpoints/gumbel/gumbel.ckpt",
      Originals.root + "/Tests/Fixtures/checkpoints/openai-rn/RN50.pt"
    ),
  ])
  func allStagesRun(generator: String, perceptor: String) throws {
    let test = try SelfTest(models: ModelFiles(generator: generator, perceptor: perceptor))
    var reported: [String] = []
    let stages = test.run(on: .cpu) { reported.append($0.name) }
    #expect(
      reported == [
        "encode", "quantize", "decode", "embed image", "embed text", "loss", "gradient",
      ])
    for stage in stages { #expect(stage.isPassed && stage.error == 0, "\(stage)") }
  }
}
