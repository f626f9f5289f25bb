import Execution
import Foundation
import Guidance
import Imaging
import Inference
import TestSupport
import Testing

/// Pictures as prompts.
@Suite struct PicturePromptTests {
  private let folder = try! TemporaryFolder()

  /// A file of `red`.
  private func redFile() throws -> String { try folder.write(red, as: "red.png") }

  private var red: Image { Image(width: 70, height: 64, color: SIMD3(0.9, 0.1, 0.1)) }

  /// The loss is a sum over prompts, whatever they are: text and picture together cost what they cost
  /// alone, each times its weight.
  @Test func picturesAndTextsAddUp() throws {
    func loss(_ prompts: Prompt...) throws -> Float {
      let session = try RenderSession(smallRequest(prompts), on: .cpu)
      try session.step(1)
      return try session.descent.losses().total
    }
    let text = try Prompt("a blue boat", weight: 0.5)
    let picture = try Prompt(.picture(InputFile(redFile())), weight: -0.25)
    let (first, second) = (try loss(text), try loss(picture))
    #expect(first > 0 && second < 0)
    #expect(abs(try loss(text, picture) - first - second) < 1e-5)
  }

  /// Steps lead towards the picture: to what the perceptor makes of it.
  @Test func thePictureIsApproached() throws {
    var request = try smallRequest([Prompt(.picture(InputFile(redFile())))])
    request.steps = 30
    let session = try RenderSession(request, on: .cpu)
    let perceptor = try Perceptor(Originals.perceptor, device: .cpu)
    let target = try perceptor.embed(pictures: [red])[0]
    func similarity() throws -> Float {
      try Similarity.cosine(target, perceptor.embed(pictures: [session.descent.image()])[0])
    }
    try session.step(1)
    let before = try similarity()
    try session.step(29)
    #expect(try similarity() > before + 0.1)
  }

  /// A saved render needs its pictures no more.
  /// A saved render holds the embeddings of its pictures.
  @Test func aResumedRenderNeedsNoPicture() throws {
    let prompts = [
      try Prompt("a blue boat"), try Prompt(.picture(InputFile(redFile())), weight: 0.5),
    ]
    let whole = try RenderSession(smallRequest(prompts), on: .cpu)
    try whole.step(6)
    let first = try RenderSession(smallRequest(prompts), on: .cpu)
    try first.step(2)
    try first.saved().write(to: folder.path("saved.resume"))
    try FileManager.default.removeItem(atPath: folder.path("red.png"))
    let saved = try SavedRender(path: folder.path("saved.resume"))
    #expect(saved.record.request.prompts.map(\.description) == ["a blue boat", "red.png:0.5"])
    let second = try RenderSession(resuming: saved, on: .cpu)
    try second.step(4)
    #expect(try second.descent.image() == whole.descent.image())
  }

  /// The embedding of a text says what the text says; one of another width is refused by name.
  @Test func embeddingsArePrompts() throws {
    let perceptor = try Perceptor(Originals.perceptor, device: .cpu)
    let embedding = try perceptor.embed(texts: ["a red house on green"])[0]
    func loss(_ prompt: Prompt) throws -> Float {
      let session = try RenderSession(smallRequest([prompt]), on: .cpu)
      try session.step(1)
      return try session.descent.losses().total
    }
    #expect(try loss(Prompt("a red house on green")) == loss(Prompt(.embedding(embedding))))
    let error = #expect(throws: GuidanceError.self) { try loss(Prompt(.embedding([1, 2]))) }
    #expect(error?.description.contains("clip.safetensors") == true)
    #expect(throws: GuidanceError.self) { try Prompt(.embedding([.nan])) }
  }

  @Test func weightsThatSayNothingAreRefused() throws {
    for weight: Float in [0, .nan, .infinity] {
      #expect(throws: GuidanceError.self) {
        try Prompt(.picture(InputFile("red.png")), weight: weight)
      }
    }
  }
}
