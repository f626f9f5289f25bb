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

  private func settings() throws -> RenderSettings {
    var settings = RenderSettings(prompts: [
      try Prompt("a red house on green"), try Prompt("fog", weight: -0.25),
    ])
    (settings.width, settings.height, settings.steps) = (32, 40, 6)
    (settings.cutouts.count, settings.starts, settings.seed) = (3, 1, .max)
    settings.cutouts.padding = .border
    settings.cutouts.erasing.probability = 0.5
    return settings
  }

  @Test func whoGoesOnEndsWhereNobodyStopped() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    for device in ComputeDevice.all() {
      let whole = try RenderSession(try settings(), models: models, device: device)
      for _ in 0..<6 { try whole.step() }

      let first = try RenderSession(try settings(), models: models, device: device)
      for _ in 0..<2 { try first.step() }
      try first.state(initialImage: "in.png").write(to: path)
      let state = try RenderState(path: path)
      #expect(state.stepsDone == 2 && state.initialImage == "in.png")
      #expect(state.settings.prompts == whole.settings.prompts)
      #expect(state.settings.cutouts == whole.settings.cutouts)
      let second = try RenderSession(resuming: state, device: device)
      #expect(second.stepsDone == 2)
      for _ in 0..<4 { try second.step() }
      #expect(try second.loss() == whole.loss(), "\(device)")
      #expect(try second.image() == whole.image(), "\(device)")
    }
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
      (#""steps":6"#, #""steps":"six""#), (#""text":"fog""#, #""text":" ""#),
    ] {
      #expect(text.contains(old))
      try write(text.replacingOccurrences(of: old, with: new), shape: [1, 5, 4, 64])
      #expect(message { _ = try RenderState(path: path) }.contains("cannot read"), "\(new)")
    }
    try write(text.replacingOccurrences(of: #""width":32"#, with: #""width":0"#), shape: [1])
    #expect(message { _ = try RenderState(path: path) }.contains("0x40 is out of range"))
    try write(text, shape: [1, 4, 5, 64])
    let other = try RenderState(path: path)
    #expect(
      message { _ = try RenderSession(resuming: other, device: .cpu) }.contains(
        "a latent of shape [1, 4, 5, 64]"))
  }
}
