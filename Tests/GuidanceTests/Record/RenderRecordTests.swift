import Execution
import Foundation
import Guidance
import Imaging
import TestSupport
import Testing

/// What a picture says about its render.
@Suite struct RenderRecordTests {
  private let folder = try! TemporaryFolder()

  private func record(_ change: (inout RenderRequest) throws -> Void = { _ in }) throws -> RenderRecord {
    var request = try smallRequest()
    try change(&request)
    let session = try RenderSession(request, on: .cpu)
    try session.step(1)
    try session.write(to: folder.path("out.png"))
    return try session.record()
  }

  private func rewrite(_ change: (String) -> String) throws -> String {
    let contents = try PNG.read(folder.path("out.png"))
    let texts = contents.texts.map {
      $0.keyword == "tessera" ? PNG.Text("tessera", change($0.text)) : $0
    }
    try PNG.write(contents.image, to: folder.path("changed.png"), texts: texts)
    return folder.path("changed.png")
  }

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  @Test func everySettingIsKeptAndNoFolder() throws {
    let written = try record {
      $0.prompts.append(try Prompt("fog", weight: -0.25))
      ($0.seed, $0.learningRate, $0.truncatesPrompts) = (.max, 0.07, true)
      $0.cutouts.padding = .border
      $0.cutouts.erasing.probability = 0.5
      $0.optimizer = AdamW.name
      $0.losses[TotalVariation.name] = 0.5
    }
    let read = try RenderRecord(ofPicture: folder.path("out.png"))
    #expect(read.request.generatorWeights?.path == nil)
    #expect(read.request.generatorWeights?.companions.map(\.name) == ["vqgan.yaml"])
    #expect(read.request.perceptors[0].vocabulary?.name == "merges.txt")
    #expect(read.request.perceptors[0].weights.sha256?.count == 64)
    let located = try read.request.located(
      in: [URL(fileURLWithPath: Originals.generator).deletingLastPathComponent().path])
    #expect(located == written.request)
    #expect(read.resolved == written.resolved && read.terms == written.terms)
    #expect(read.terms.map(\.name) == ["clip", "total-variation"] && read.stepsDone == 1)
    for text in try PNG.read(folder.path("out.png")).texts {
      #expect(!text.text.contains("/weights/") && !text.text.contains(Originals.root))
    }
  }

  /// The text that readers of stable-diffusion-webui's pictures show.
  @Test func parametersAreReadable() throws {
    _ = try record {
      $0.prompts = [
        try Prompt("a red house"), try Prompt("a boat:0.5", weight: 0.5), try Prompt("fog", weight: -1),
      ]
    }
    let text = try #require(try PNG.read(folder.path("out.png")).text("parameters"))
    #expect(
      text.hasPrefix("a red house, (a boat:0.5:0.5)\nNegative prompt: fog\nSteps: 1, Sampler: adam, Seed: 0, "),
      "\(text)")
    #expect(text.contains("Size: 48x32, Model: vqgan.safetensors, CLIP: clip.safetensors"))
  }

  /// A setting that a record lacks has its default, as in records older than the setting.
  @Test func missingSettingsHaveTheirDefaults() throws {
    _ = try record()
    let path = try rewrite {
      $0.replacingOccurrences(of: #""optimizer":"adam","#, with: "")
        .replacingOccurrences(of: #""noise":0.1,"#, with: "")
    }
    let request = try RenderRecord(ofPicture: path).request
    #expect(request.optimizer == "adam" && request.cutouts.noise == 0.1)
  }

  @Test func recordsThatCannotBeReadSayWhy() throws {
    _ = try record()
    func message(_ path: String) -> String { self.message { _ = try RenderRecord(ofPicture: path) } }
    let plain = try folder.write(Image(width: 8, height: 8, color: .zero), as: "plain.png")
    #expect(message(plain).contains("has no record of a render"))
    let newer = try rewrite { $0.replacingOccurrences(of: #""format":1"#, with: #""format":99"#) }
    #expect(message(newer).contains("format 99"))
    let broken = try rewrite { _ in "{" }
    #expect(message(broken).contains("damaged"))
    let outside = try rewrite {
      $0.replacingOccurrences(of: #""name":"clip.safetensors""#, with: #""name":"../clip""#)
    }
    #expect(message(outside).contains("cannot be read"))
    for (old, new) in [
      (#""batches":1"#, #""batches":0"#), (#""batches":1"#, #""batches":5"#),
      (#""stepsDone":1"#, #""stepsDone":-5"#), (#""format":1"#, #""format":-1"#),
    ] {
      let altered = try rewrite { $0.replacingOccurrences(of: old, with: new) }
      #expect(message(altered).contains("holds a"), "\(new): \(message(altered))")
    }
    let fraction = try rewrite { $0.replacingOccurrences(of: #""width":48"#, with: #""width":4.5"#) }
    #expect(message(fraction).contains("cannot be read") && !message(fraction).contains("Error"))
    #expect(message(Originals.perceptor).contains("is not a PNG"))
    let impossible = try rewrite { $0.replacingOccurrences(of: #""width":48"#, with: #""width":0"#) }
    #expect(message(impossible).contains("0x32 is out of range"))
  }

  @Test func missingAndChangedInputsAreNamed() throws {
    let record = try record()
    let read = try RenderRecord(ofPicture: folder.path("out.png")).request
    let missing = message { _ = try read.located(in: [folder.path("")]) }
    #expect(missing.contains("vqgan.safetensors, which") && missing.contains("clip.safetensors"))
    let starter = URL(fileURLWithPath: Originals.generator).deletingLastPathComponent()
    for name in ["vqgan.safetensors", "clip.safetensors", "merges.txt"] {
      try FileManager.default.copyItem(
        atPath: starter.appendingPathComponent(name).path, toPath: folder.path(name))
    }
    try Data("model: {}".utf8).write(to: URL(fileURLWithPath: folder.path("vqgan.yaml")))
    let changed = message { _ = try read.located(in: [folder.path("")]) }
    #expect(changed.contains("vqgan.yaml is missing or not the file"), "\(changed)")
    #expect(try read.located(in: [folder.path(""), starter.path]).generatorWeights?.sha256
      == record.request.generatorWeights?.sha256)
  }
}
