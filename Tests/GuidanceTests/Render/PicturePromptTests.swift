import Execution
import Foundation
import Guidance
import Imaging
import Inference
import TestSupport
import Testing

/// Pictures as prompts.
@Suite struct PicturePromptTests {
  private let models = ModelFiles(
    generator: Originals.generator, perceptor: Originals.perceptor)

  private func settings(_ prompts: [Prompt], _ pictures: [PicturePrompt]) -> RenderSettings {
    var settings = RenderSettings(prompts: prompts)
    settings.picturePrompts = pictures
    (settings.width, settings.height, settings.steps) = (48, 32, 6)
    (settings.cutouts.count, settings.starts) = (4, 1)
    return settings
  }

  private var red: Image { Image(width: 70, height: 64, color: SIMD3(0.9, 0.1, 0.1)) }

  /// The loss is a sum over prompts, whatever they are: text and picture together cost what they cost
  /// alone, each times its weight.
  @Test func picturesAndTextsAddUp() throws {
    func loss(_ prompts: [Prompt], _ pictures: [PicturePrompt]) throws -> Float {
      let session = try RenderSession(settings(prompts, pictures), models: models, device: .cpu)
      try session.step()
      return try session.loss()
    }
    let text = try Prompt("a blue boat", weight: 0.5)
    let picture = try PicturePrompt(red, name: "red.png", weight: -0.25)
    let (first, second) = (try loss([text], []), try loss([], [picture]))
    #expect(first > 0 && second < 0)
    #expect(abs(try loss([text], [picture]) - first - second) < 1e-5)
  }

  /// Steps lead towards the picture: to what the perceptor makes of it.
  @Test func thePictureIsApproached() throws {
    var settings = settings([], [try PicturePrompt(red, name: "red.png")])
    settings.steps = 30
    let session = try RenderSession(settings, models: models, device: .cpu)
    let perceptor = try Perceptor(Originals.perceptor, device: .cpu)
    let target = try perceptor.embed(pictures: [red])[0]
    func similarity() throws -> Float {
      try Similarity.cosine(target, perceptor.embed(pictures: [session.image()])[0])
    }
    try session.step()
    let before = try similarity()
    while session.stepsDone < settings.steps { try session.step() }
    #expect(try similarity() > before + 0.1)
  }

  /// A saved render needs its pictures no more.
  @Test func whoGoesOnNeedsNoPicture() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(UUID().uuidString).resume").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let settings = settings(
      [try Prompt("a blue boat")], [try PicturePrompt(red, name: "red.png", weight: 0.5)])
    let whole = try RenderSession(settings, models: models, device: .cpu)
    for _ in 0..<6 { try whole.step() }
    let first = try RenderSession(settings, models: models, device: .cpu)
    for _ in 0..<2 { try first.step() }
    try first.state().write(to: path)
    let state = try RenderState(path: path)
    #expect(state.settings.picturePrompts.map(\.description) == ["red.png:0.5"])
    let second = try RenderSession(resuming: state, device: .cpu)
    for _ in 0..<4 { try second.step() }
    #expect(try second.image() == whole.image())
  }

  @Test func weightsThatSayNothingAreRefused() throws {
    for weight: Float in [0, .nan, .infinity] {
      #expect(throws: GuidanceError.self) {
        try PicturePrompt(red, name: "red.png", weight: weight)
      }
    }
  }
}
