import Execution
import Foundation
import Guidance
import Models
import Support
import TensorGraph
import Testing

/// A whole step of a picture so large that kernels work it in several launches, on every device
/// against the CPU path. Tests of kernels use small shapes, and a fault of large pictures alone has
/// escaped them.
@Suite struct LargeStepTests {
  /// Errors over the largest value. A sum in another order errs by a few 1e-6 in each of some dozens
  /// of layers, and the way back is as long again. Adam's first step is the rate times the sign of
  /// the gradient, so the new latent is no measure of rounding: it must be finite.
  private static let tolerances = ["image": 1e-4, "loss": 1e-4, "latent/first moment": 1e-3]

  /// One step by the starter models. The latent is made of codes, so that no nearest code
  /// is a matter of rounding.
  private func step(side: Int, on device: ComputeDevice) throws -> [String: [Float]] {
    let models = try ModelFiles.starter()
    let checkpoint = try VQGANCheckpoint(path: models.generator)
    let clip = try CLIPCheckpoint(path: models.perceptor)
    let distance = CLIPDistance(clip.configuration, clip.weights, promptCount: 1)
    var problem = GuidanceProblem(
      try VQGANGenerator(path: models.generator), losses: [distance], width: side, height: side)
    problem.cutouts.count = 4
    let executable = try device.compile(GuidanceGraph(problem).graph)
    let target = (0..<clip.configuration.embeddingWidth).map { Float($0 % 7) - 3 }
    for (name, value) in distance.inputs(targets: [target], weights: [1]) {
      try executable.write(name, value.values)
    }
    let codes = checkpoint.configuration
    let count = (side / codes.factor) * (side / codes.factor)
    try executable.write(
      VQGANGenerator.latentName,
      checkpoint.latent(ofCodes: (0..<count).map { Int32($0 * 97 % codes.codeCount) }))
    try executable.step()
    return try Dictionary(
      uniqueKeysWithValues: (["latent"] + Self.tolerances.keys).map {
        ($0, try executable.read($0))
      })
  }

  /// `make large` asks for sizes that take longer.
  @Test(arguments: getenv("TESSERA_LARGE") == nil ? [192] : [192, 512, 1024])
  func aWholeStepIsTheSameOnEveryDevice(side: Int) throws {
    let expected = try step(side: side, on: .cpu)
    #expect(expected["latent/first moment"]!.contains { abs($0) > 1e-6 })
    for device in ComputeDevice.all() where device.id != ComputeDevice.cpu.id {
      let found = try step(side: side, on: device)
      for (name, tolerance) in Self.tolerances {
        let error = maxRelativeError(found[name]!, to: expected[name]!)
        #expect(error <= tolerance, "\(name) on \(device)")
      }
      #expect(found["latent"]!.allSatisfy { $0.isFinite })
    }
  }
}
