import Execution
import Foundation
import Imaging
import Models
import TensorGraph
import TestSupport
import Testing
import Training

/// Runs: their folder, and that a run which was stopped ends where one that was not does.
@Suite struct TrainingRunTests {
  private let folder = try! RunTestFolder()

  private var vqgan: VQGANSettings {
    var s = VQGANSettings()
    (s.size, s.batch, s.baseChannels, s.channelMultipliers) = (16, 2, 8, [1, 2])
    (s.latentChannels, s.codeChannels, s.codes, s.normalizationGroups) = (8, 4, 16, 4)
    (s.steps, s.warmup, s.adversarialStart, s.discriminatorLead) = (8, 2, 5, 2)
    s.discriminator = PatchDiscriminatorConfiguration(layers: 1, baseChannels: 8)
    s.perceptualWeight = 0
    return s
  }

  private var clip: CLIPSettings {
    var s = CLIPSettings()
    (s.size, s.patch, s.imageWidth, s.imageLayers) = (16, 8, 64, 1)
    (s.textWidth, s.textLayers, s.contextLength, s.embedding) = (64, 1, 8, 16)
    (s.batch, s.steps, s.warmup, s.vocabulary) = (4, 8, 2, 530)
    return s
  }

  /// On the starter's VQGAN; 4 of 8 steps encode pictures, the others take codes that are known.
  private var transformer: TransformerSettings {
    var s = TransformerSettings()
    (s.vqgan, s.size, s.width, s.layers) = (Originals.generator, 16, 64, 1)
    (s.batch, s.steps, s.warmup, s.vocabulary, s.encoded) = (4, 8, 2, 530, 16)
    (s.captionLength, s.kept, s.dropped) = (4, 0.8, 0.3)
    return s
  }

  private func configuration(_ model: RunConfiguration.Model) -> RunConfiguration {
    RunConfiguration(model: model, data: folder.data)
  }

  private func models() -> [RunConfiguration.Model] {
    var original = vqgan
    original.followOriginal()
    return [.vqgan(vqgan), .clip(clip), .transformer(transformer), .vqgan(original)]
  }

  @Test(arguments: 0...3) func aStoppedRunEndsAsAnother(_ index: Int) throws {
    let configuration = configuration(models()[index])
    let straight = folder.path("straight")
    #expect(try TrainingRun(straight, configuration, on: .cpu).run() == .done)

    let stopped = folder.path("stopped")
    var run = try TrainingRun(stopped, configuration, on: .cpu)
    for stop in [3, 4, 6] {
      #expect(try run.run(isInterrupted: { run.stepsDone == stop }) == .interrupted)
      #expect(run.stepsDone == stop)
      run = try TrainingRun(resuming: stopped, on: .cpu)
    }
    #expect(try run.run() == .done)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: straight + "/model.safetensors"))
        == Data(contentsOf: URL(fileURLWithPath: stopped + "/model.safetensors")))
  }

  /// What came after the last checkpoint is lost, and done again alike.
  @Test func aKilledRunEndsAsAnother() throws {
    let configuration = configuration(.vqgan(vqgan))
    let straight = folder.path("a")
    _ = try TrainingRun(straight, configuration, on: .cpu).run()
    let killed = folder.path("b")
    var run = try TrainingRun(killed, configuration, on: .cpu)
    _ = try run.run(isInterrupted: { run.stepsDone == 3 })
    run = try TrainingRun(resuming: killed, on: .cpu)
    struct Killed: Error {}
    var pace = TrainingRun.Pace()
    pace.log = 1
    #expect(throws: Killed.self) {
      _ = try run.run(
        pace: pace, report: { if $0.step == 5 { throw Killed() } })
    }
    run = try TrainingRun(resuming: killed, on: .cpu)
    #expect(run.stepsDone == 3)
    _ = try run.run()
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: straight + "/model.safetensors"))
        == Data(contentsOf: URL(fileURLWithPath: killed + "/model.safetensors")))
  }

  @Test func aFolderHasAllThatARunLeaves() throws {
    let path = folder.path("run")
    var pace = TrainingRun.Pace()
    pace.log = 2
    _ = try TrainingRun(path, configuration(.vqgan(vqgan)), on: .cpu).run(pace: pace)
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: path))
    #expect(
      names == [
        "run.json", "checkpoint.safetensors", "log.jsonl", "loss.svg", "model.safetensors",
        "model.yaml", "samples-000008.png", "discriminator.safetensors",
      ])
    let log = try String(contentsOfFile: path + "/log.jsonl", encoding: .utf8)
    #expect(log.split(separator: "\n").count == 5)  // Four, and one of what is held out.
    #expect(log.contains("\"adversarial\"") && log.contains("\"held out\":true"))
    #expect(throws: TrainingError.self) {
      try TrainingRun(path, configuration(.vqgan(vqgan)), on: .cpu)
    }
  }

  @Test func aModelIsWhereAnotherRunBegins() throws {
    var settings = vqgan
    let first = folder.path("first")
    _ = try TrainingRun(first, configuration(.vqgan(settings)), on: .cpu).run()
    // Sizes are the model's, whatever is asked.
    settings.codes = 1024
    settings.steps = 2
    var next = configuration(.vqgan(settings))
    next.from = first + "/model.safetensors"
    let second = try TrainingRun(folder.path("second"), next, on: .cpu)
    var l1: Float = 0
    var pace = TrainingRun.Pace()
    pace.log = 1
    _ = try second.run(
      pace: pace,
      report: { progress in
        if progress.step == 1 { l1 = progress.metrics.first { $0.name == "l1" }!.value }
      })
    #expect(l1 > 0 && l1 < 1)
    // The run goes on without the model that it began with.
    try FileManager.default.removeItem(atPath: first)
    #expect(try TrainingRun(resuming: folder.path("second"), on: .cpu).stepsDone == 2)
  }

  /// A setting that `run.json` lacks has its default, as in runs older than the setting.
  @Test(arguments: 0...2) func missingSettingsHaveTheirDefaults(_ index: Int) throws {
    let path = folder.path("old")
    let written = try TrainingRun(path, configuration(models()[index]), on: .cpu).configuration
    let file = path + "/run.json"
    var json = try String(contentsOfFile: file, encoding: .utf8)
    // The first two are not as they are by default.
    let removed = [
      ["codes", "baseChannels", "beta2"], ["batch", "patch", "decay"], ["batch", "layers", "decay"],
    ][index]
    for key in removed {
      json.replace(try Regex("\\n *\"\(key)\" : [^\\n,}]*,"), with: "")
    }
    #expect(removed.allSatisfy { !json.contains("\"\($0)\"") }, "\(json)")
    try json.write(toFile: file, atomically: true, encoding: .utf8)
    var expected = written
    switch written.model {
    case .vqgan(var settings):
      settings.codes = VQGANSettings().codes
      settings.baseChannels = VQGANSettings().baseChannels
      settings.discriminator.baseChannels = PatchDiscriminatorConfiguration().baseChannels
      expected.model = .vqgan(settings)
    case .clip(var settings):
      (settings.batch, settings.patch) = (CLIPSettings().batch, CLIPSettings().patch)
      expected.model = .clip(settings)
    case .transformer(var settings):
      let defaults = TransformerSettings()
      (settings.batch, settings.layers) = (defaults.batch, defaults.layers)
      expected.model = .transformer(settings)
    }
    #expect(try RunConfiguration(readFrom: file) == expected)

    try json.replacingOccurrences(of: "\"format\" : 1", with: "\"format\" : 2")
      .write(toFile: file, atomically: true, encoding: .utf8)
    #expect { try TrainingRun(resuming: path, on: .cpu) } throws: { "\($0)".contains("format 2") }
  }

  @Test func dataThatDoNotServeAreRefused() throws {
    var large = vqgan
    large.batch = 1000
    #expect(throws: (any Error).self) {
      try TrainingRun(folder.path("x"), configuration(.vqgan(large)), on: .cpu)
    }
    // Nothing is left of it.
    #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
    let bare = folder.path("bare")
    try folder.makePictures(in: bare, captions: false)
    let uncaptioned = RunConfiguration(model: .clip(clip), data: bare)
    #expect(throws: (any Error).self) {
      try TrainingRun(folder.path("y"), uncaptioned, on: .cpu)
    }
  }

  /// Parts of a batch give what the batch gives at once.
  @Test func accumulationIsOneBatch() throws {
    func losses(_ parts: Int) throws -> [Float] {
      var settings = clip
      settings.parts = parts
      var values: [Float] = []
      var pace = TrainingRun.Pace()
      pace.log = 1
      _ = try TrainingRun(folder.path("parts\(parts)"), configuration(.clip(settings)), on: .cpu)
        .run(
          pace: pace,
          report: { progress in
            if !progress.isHeldOut { values += progress.metrics.prefix(2).map(\.value) }
          })
      return values
    }
    let (whole, half) = try (losses(1), losses(2))
    #expect(whole.count == 16)
    for (a, b) in zip(whole, half) { #expect(abs(a - b) < 1e-4 * max(1, abs(a))) }
  }

  /// A spoiled picture has a higher loss than the picture, and is no further away than allowed.
  @Test func anAdversaryRaisesTheLoss() throws {
    func firstLoss(_ adversary: CLIPSettings.Adversary?) throws -> Float {
      var settings = clip
      settings.adversary = adversary
      settings.steps = 1
      var value: Float = 0
      var pace = TrainingRun.Pace()
      pace.log = 1
      let name = "adversary\(adversary?.radius ?? 0)"
      _ = try TrainingRun(folder.path(name), configuration(.clip(settings)), on: .cpu)
        .run(pace: pace, report: { if !$0.isHeldOut { value = $0.metrics[0].value } })
      return value
    }
    let plain = try firstLoss(nil)
    let near = try firstLoss(.init(radius: 0.01, steps: 2))
    let far = try firstLoss(.init(radius: 0.1, steps: 3))
    #expect(plain < near && near < far)
  }
}

/// A folder with a few pictures and captions, removed in the end.
private final class RunTestFolder: Sendable {
  private let root: String

  var data: String { path("data") }

  init() throws {
    root = NSTemporaryDirectory() + "tessera-runs-\(UUID().uuidString)"
    try makePictures(in: data, captions: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { root + "/" + name }

  func makePictures(in folder: String, captions: Bool) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var random = TestRandom(7)
    for index in 0..<90 {
      let pixels = (0..<16 * 16 * 3).map { _ in Float(random.next() * 0.5 + 0.5) }
      try PNG.write(
        Image(width: 16, height: 16, pixels: pixels), to: "\(folder)/\(index).png")
      guard captions else { continue }
      let words = ["red", "green", "blue", "house", "fox", "sea"]
      try "a \(words[index % 6]) \(words[index % 5])".write(
        toFile: "\(folder)/\(index).txt", atomically: true, encoding: .utf8)
    }
  }
}
