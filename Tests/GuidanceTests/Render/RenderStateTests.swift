import Execution
import Foundation
import Guidance
import Imaging
import TestSupport
import Testing
import Weights

/// Renders that stop and go on.
@Suite struct RenderStateTests {
  private let models = ModelFiles(
    generator: Originals.generator, perceptor: Originals.perceptor)
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("tessera-\(UUID().uuidString).resume").path

  /// As the other renders of these tests, whose kernels then need not be compiled again.
  private func settings() throws -> RenderSettings {
    var settings = RenderSettings(prompts: [try Prompt("a red house on green")])
    (settings.width, settings.height, settings.steps) = (48, 32, 6)
    (settings.cutouts.count, settings.starts) = (4, 1)
    return settings
  }

  @Test func whoGoesOnEndsWhereNobodyStopped() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    for device in ComputeDevice.all() {
      let whole = try RenderSession(try settings(), models: models, device: device)
      for _ in 0..<6 { try whole.step() }

      let first = try RenderSession(try settings(), models: models, device: device)
      for _ in 0..<2 { try first.step() }
      try first.state().write(to: path)
      let state = try RenderState(path: path)
      #expect(state.stepsDone == 2)
      let second = try RenderSession(resuming: state, device: device)
      #expect(second.stepsDone == 2)
      for _ in 0..<4 { try second.step() }
      #expect(try second.loss() == whole.loss(), "\(device)")
      #expect(try second.image() == whole.image(), "\(device)")
    }
  }

  @Test func everySettingIsKept() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var settings = try settings()
    settings.prompts.append(try Prompt("fog", weight: -0.25))
    (settings.seed, settings.learningRate, settings.truncatesPrompts) = (.max, 0.07, true)
    settings.cutouts.padding = .border
    settings.cutouts.erasing.probability = 0.5
    let session = try RenderSession(settings, models: models, device: .cpu)
    try session.step()
    try session.state(initialImage: "in.png").write(to: path)
    let state = try RenderState(path: path)
    #expect(state.initialImage == "in.png" && state.models.generator == models.generator)
    let (kept, given) = (state.settings, settings)
    #expect(kept.prompts == given.prompts && kept.cutouts == given.cutouts)
    #expect((kept.width, kept.height, kept.steps) == (given.width, given.height, given.steps))
    #expect(kept.seed == given.seed && kept.starts == given.starts)
    #expect(kept.learningRate == given.learningRate && kept.truncatesPrompts)
  }

  @Test func whatIsNoSavedRenderIsNamed() throws {
    func message(of body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(message { _ = try RenderState(path: Originals.perceptor) }.contains("no saved render"))
    #expect(message { _ = try RenderState(path: "/nonexistent") }.contains("/nonexistent"))

    defer { try? FileManager.default.removeItem(atPath: path) }
    let session = try RenderSession(try settings(), models: models, device: .cpu)
    try session.step()
    try session.state().write(to: path)
    let text = try #require(try WeightFile(path: path).metadata["tessera.render"])
    func write(_ text: String, shape: [Int]) throws {
      var writer = SafetensorsWriter(metadata: ["tessera.render": text])
      for name in ["latent", "first moment", "second moment"] {
        writer.add(name, shape: shape) { () throws(WeightError) in
          [Float](repeating: 0, count: shape.reduce(1, *))
        }
      }
      try writer.write(to: path)
    }
    for (old, new) in [
      (#""stepsDone":1"#, #""stepsDone":6"#), (#""stepsDone":1"#, #""stepsDone":-1"#),
      (#""batches":1"#, #""batches":0"#), (#""batches":1"#, #""batches":5"#),
      (#""steps":6"#, #""steps":"six""#), (#""steps":6"#, #""steps":-1"#),
      (#""text":"a red house on green""#, #""text":" ""#),
    ] {
      #expect(text.contains(old))
      try write(text.replacingOccurrences(of: old, with: new), shape: [1, 4, 6, 64])
      #expect(message { _ = try RenderState(path: path) }.contains("cannot read"), "\(new)")
    }
    try write(text.replacingOccurrences(of: #""width":48"#, with: #""width":0"#), shape: [1])
    #expect(message { _ = try RenderState(path: path) }.contains("0x32 is out of range"))
    try write(text, shape: [1, 6, 4, 64])
    let other = try RenderState(path: path)
    #expect(
      message { _ = try RenderSession(resuming: other, device: .cpu) }.contains(
        "a latent of shape [1, 6, 4, 64]"))
  }
}
