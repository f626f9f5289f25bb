import Foundation
import Imaging
import Testing
import TestSupport

/// `tessera train` as a process: stopped, killed and gone on with.
@Suite struct TrainCommandTests {
  private let folder = try! TemporaryFolder()

  private func makePictures() throws -> String {
    let path = folder.path("pictures")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for index in 0..<50 {
      let color = SIMD3(Float(index % 7) / 7, Float(index % 5) / 5, Float(index % 3) / 3)
      try PNG.write(Image(width: 40, height: 32, color: color), to: "\(path)/\(index).png")
    }
    return path
  }

  /// A run of a small model, which is saved after every step.
  private func train(_ run: String, _ data: String, steps: Int) throws -> [String] {
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
      "--size", "32", "--batch", "2", "--steps", "\(steps)", "--adversarial-start", "0",
      "--perceptual", "0", "--save-every", "0.00001", "--device", "cpu", "--quiet",
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
