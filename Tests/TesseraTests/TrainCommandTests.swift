import Foundation
import Imaging
import TestSupport
import Testing

/// `tessera train` as a process: stopped, killed and gone on with.
@Suite struct TrainCommandTests {
  private let folder = try! TemporaryFolder()

  private func makePictures(captions: Bool = false) throws -> String {
    let path = folder.path("pictures")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for index in 0..<50 {
      let color = SIMD3(Float(index % 7) / 7, Float(index % 5) / 5, Float(index % 3) / 3)
      try PNG.write(Image(width: 40, height: 32, color: color), to: "\(path)/\(index).png")
      guard captions else { continue }
      let words = ["red", "green", "blue", "house", "fox", "sea", "sky"]
      try folder.write(
        Data("a \(words[index % 7]) and a \(words[index % 5])".utf8), as: "pictures/\(index).txt")
    }
    return path
  }

  /// A run of a small VQGAN, by default saved after every step.
  private func train(
    _ run: String, _ data: String, steps: Int, adversarialStart: Int = 0,
    saveEvery: String = "0.00001"
  ) throws -> [String] {
    let sizes = """
      model:
        params:
          embed_dim: 4
          n_embed: 32
          ddconfig: {double_z: false, z_channels: 8, resolution: 32, in_channels: 3, out_ch: 3,
            ch: 8, ch_mult: [1, 2], num_res_blocks: 1, attn_resolutions: [], norm_groups: 4}
      """
    try folder.write(Data(sizes.utf8), as: "small.yaml")
    return [
      "train", "vqgan", data, "-o", folder.path(run), "--config", folder.path("small.yaml"),
      "--size", "32", "--batch", "2", "--steps", "\(steps)",
      "--adversarial-start", "\(adversarialStart)", "--perceptual", "0",
      "--save-every", saveEvery, "--device", "cpu", "--quiet",
    ]
  }

  @Test func aKilledRunGoesOn() throws {
    let data = try makePictures()
    let straight = try tessera(train("straight", data, steps: 40))
    #expect(straight.status == 0, "\(straight)")
    let first = try Run(train("killed", data, steps: 40))
    let checkpoint = folder.path("killed/checkpoint.safetensors")
    let end = Date.now + 120
    while !FileManager.default.fileExists(atPath: checkpoint), Date.now < end { usleep(2000) }
    first.send(SIGKILL)
    _ = try first.finish()
    let second = try tessera([
      "train", "resume", folder.path("killed"), "--device", "cpu", "--quiet",
    ])
    #expect(second.status == 0, "\(second)")
    #expect(
      try folder.bytes("killed/model.safetensors") == folder.bytes("straight/model.safetensors"))
  }

  private func trainCLIP(
    _ run: String, _ data: String, steps: Int, saveEvery: String
  ) -> [String] {
    [
      "train", "clip", data, "-o", folder.path(run), "--width", "64", "--layers", "1",
      "--text-layers", "1", "--patch", "8", "--vocabulary", "530", "--size", "32", "--batch", "4",
      "--steps", "\(steps)", "--save-every", saveEvery, "--device", "cpu", "--quiet",
    ]
  }

  /// Moments are drawn from all that a run does: its start, its steps and its checkpoints, one after
  /// every step.
  @Test(
    .enabled(if: getenv("TESSERA_LARGE") != nil, "takes minutes: make large"),
    arguments: ["vqgan", "clip"])
  func aRunThatIsKilledTenTimesGoesOn(_ model: String) throws {
    let data = try makePictures(captions: true)
    func arguments(_ run: String, saveEvery: String) throws -> [String] {
      model == "clip"
        ? trainCLIP(run, data, steps: 300, saveEvery: saveEvery)
        : try train(run, data, steps: 100, adversarialStart: 20, saveEvery: saveEvery)
    }
    let straight = try tessera(arguments("straight", saveEvery: "60"))
    #expect(straight.status == 0, "\(straight)")

    let resume = ["train", "resume", folder.path("killed"), "--device", "cpu", "--quiet"]
    func hasBegun() -> Bool {
      FileManager.default.fileExists(atPath: folder.path("killed/run.json"))
    }
    func lastSave() -> Date? {
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: folder.path("killed/checkpoint.safetensors"))
      return attributes?[.modificationDate] as? Date
    }
    var random = TestRandom(28)
    for number in 0..<10 {
      let before = lastSave()
      let run = try Run(
        hasBegun()
          ? resume + ["--save-every", "0.00001"] : arguments("killed", saveEvery: "0.00001"))
      // One of three while it starts, the others after the next checkpoint.
      let end = Date.now + 120
      while number % 3 != 0, lastSave() == before, run.isRunning, Date.now < end { usleep(1000) }
      Thread.sleep(forTimeInterval: random.next() * 0.5 + 0.5)
      run.send(SIGKILL)
      let outcome = try run.finish()
      #expect(outcome.status == -SIGKILL, "\(outcome)")
    }
    #expect(lastSave() != nil)
    let last = try tessera(resume)
    #expect(last.status == 0, "\(last)")
    let files = model == "clip"
      ? ["model.safetensors", "merges.txt"] : ["model.safetensors", "discriminator.safetensors"]
    for file in files {
      #expect(try folder.bytes("killed/\(file)") == folder.bytes("straight/\(file)"), "\(file)")
    }
  }

  @Test func mistakesAreTold() throws {
    let data = try makePictures()
    for (arguments, text) in [
      (try train("a", folder.path("none"), steps: 1), "none"),
      (try train("a", data, steps: 1) + ["--batch", "51"], "51"),
      (try train("a", data, steps: 1) + ["--size", "21"], "21"),
      (["train", "clip", data, "-o", folder.path("a"), "--device", "cpu"], "caption"),
      (["train", "clip", data, "-o", folder.path("a"), "--adversarial", "x"], "RADIUS:STEPS"),
      (["train", "vqgan", data, "-o", folder.path("a"), "--preset", "x"], "preset"),
      (["train", "resume", data], "run"),
      (["train", "vqgan", data, "-o", data], "not empty"),
    ] {
      let outcome = try tessera(arguments)
      #expect(outcome.status != 0 && outcome.errors.contains(text), "\(arguments): \(outcome)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
      #expect(!FileManager.default.fileExists(atPath: folder.path("a")))
    }
  }
}
