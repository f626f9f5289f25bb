import Execution
import Foundation
import Guidance
import Imaging
import TestSupport
import Testing

/// Renders that are held to where they start.
@Suite struct InitialWeightTests {
  private let models = ModelFiles(
    generator: Originals.generator, perceptor: Originals.perceptor)

  private func settings(_ initialWeight: Float) throws -> RenderSettings {
    var settings = RenderSettings(prompts: [try Prompt("a blue boat on the sea")])
    (settings.width, settings.height, settings.steps) = (48, 32, 20)
    (settings.cutouts.count, settings.starts) = (4, 1)
    settings.initialImage = Image(width: 48, height: 32, color: [0.9, 0.1, 0.1])
    settings.initialWeight = initialWeight
    return settings
  }

  /// The greater the weight, the less far the latent goes; at its start it costs nothing.
  @Test func theLatentStaysNearItsStart() throws {
    func outcome(_ weight: Float) throws -> (loss: Float, way: Float) {
      let session = try RenderSession(settings(weight), models: models, device: .cpu)
      let executable = session.descent.executable
      let start = try executable.read("latent")
      try session.step()
      let loss = try session.loss()
      while session.stepsDone < 20 { try session.step() }
      let way = zip(try executable.read("latent"), start).map { abs($0 - $1) }.reduce(0, +)
      return (loss, way / Float(start.count))
    }
    let (free, held, fixed) = (try outcome(0), try outcome(1), try outcome(100))
    #expect(free.loss == held.loss && held.loss == fixed.loss)
    #expect(held.way < 0.9 * free.way && fixed.way < 0.5 * held.way, "\(free) \(held) \(fixed)")
  }

  /// Half the weight times the mean squared distance is what the loss has more.
  @Test func theLossCountsTheWay() throws {
    func loss(_ weight: Float) throws -> Float {
      let session = try RenderSession(settings(weight), models: models, device: .cpu)
      let executable = session.descent.executable
      let start = try executable.read("latent")
      try executable.write("latent", start.map { $0 + 0.01 })
      try session.step()
      return try session.loss()
    }
    let (free, held) = (try loss(0), try loss(1000))
    #expect(abs(held - free - 500 * 0.0001) < 1e-4, "\(free) \(held)")
  }

  @Test func whoGoesOnIsHeldToTheSameStart() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(UUID().uuidString).resume").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let whole = try RenderSession(settings(2), models: models, device: .cpu)
    for _ in 0..<6 { try whole.step() }
    let first = try RenderSession(settings(2), models: models, device: .cpu)
    for _ in 0..<3 { try first.step() }
    try first.state().write(to: path)
    let second = try RenderSession(resuming: RenderState(path: path), device: .cpu)
    for _ in 0..<3 { try second.step() }
    #expect(try second.loss() == whole.loss())
    #expect(try second.image() == whole.image())
  }
}
