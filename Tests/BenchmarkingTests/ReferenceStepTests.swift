import Benchmarking
import Execution
import Models
import TensorGraph
import Testing

extension ReferenceStep {
  /// The reference step with the smallest models that have all of its parts.
  static var tiny: ReferenceStep {
    var step = ReferenceStep(width: 32, height: 16, cutouts: 2)
    step.generator.codeCount = 32
    step.generator.baseChannels = 32
    step.generator.channelMultipliers = [1, 1]
    step.generator.blocksPerResolution = 1
    step.generator.attentionResolutions = [128]
    step.generator.latentChannels = 16
    step.generator.codeChannels = 16
    step.perceptor.imageSize = 32
    step.perceptor.image = .transformer(
      TransformerConfiguration.small(width: 32), patchSize: 16)
    step.perceptor.text = TransformerConfiguration.small(width: 32)
    step.perceptor.embeddingWidth = 16
    return step
  }
}

extension TransformerConfiguration {
  fileprivate static func small(width: Int) -> TransformerConfiguration {
    guard case .transformer(var small, _) = CLIPConfiguration.vitB32.image else { fatalError() }
    (small.width, small.layers, small.heads, small.hiddenWidth) = (width, 1, 2, 2 * width)
    return small
  }
}

@Suite struct ReferenceStepTests {
  /// Every drawn tensor is the same in every run, whatever else is drawn, and of its scale.
  @Test func weightsAreReproducible() {
    func draw(_ name: String, _ shape: [Int], model: String = "model") -> [Float] {
      var values = [Float](repeating: .nan, count: shape.reduce(1, *))
      values.withUnsafeMutableBufferPointer {
        RandomWeights(model: model).fill($0, named: name, shape: shape)
      }
      return values
    }
    let values = draw("conv.weight", [64, 16, 3, 3])
    #expect(values == draw("conv.weight", [64, 16, 3, 3]))
    #expect(values != draw("conv2.weight", [64, 16, 3, 3]))
    #expect(values != draw("conv.weight", [64, 16, 3, 3], model: "other"))
    let meanSquare = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    #expect(abs(meanSquare * 144 - 1) < 0.05)
    #expect(abs(values.reduce(0, +) / Float(values.count)) < 0.005)
    #expect(draw("norm.weight", [7]).allSatisfy { abs($0 - 1) < 0.1 })
    #expect(draw("norm.bias", [7]).allSatisfy { abs($0) < 0.1 })
  }

  /// It is a step: the latent moves, and everything stays finite.
  @Test func aStepMovesTheLatent() throws {
    let executable = try ComputeDevice.cpu.compile(ReferenceStep.tiny.graph())
    try ReferenceStep.tiny.begin(executable)
    let start = try executable.read("latent")
    for _ in 0..<2 { try executable.step() }
    let (latent, loss) = (try executable.read("latent"), try executable.read("loss")[0])
    #expect(zip(start, latent).allSatisfy { $0 != $1 && $1.isFinite })
    #expect(loss > 0 && loss.isFinite)
    #expect(Set(try executable.read("image")).count > 100)
  }

  /// The amount of work that the reference is defined by; see docs/performance.md.
  @Test func theReferenceIsAsLargeAsItsName() throws {
    let plan = try CPUExecutable.plan(ReferenceStep().graph())
    #expect(abs(Double(plan.cost.flops) / 1.07e12 - 1) < 0.1)
  }
}
