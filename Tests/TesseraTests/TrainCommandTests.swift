import Foundation
import Imaging
import Testing

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

  private func train(_ run: String, _ data: String, steps: Int) -> [String] {
    [
      "train", "vqgan", data, "-o", folder.path(run), "--size", "32", "--batch", "2", "--codes", "64",
      "--steps", "\(steps)", "--adversarial-start", "4", "--perceptual", "0", "--save-every", "0.001",
      "--device", "cpu", "--quiet",
    ]
  }

  @Test func aKilledRunGoesOn() throws {
    let data = try makePictures()
    let straight = try tessera(train("straight", data, steps: 8))
    #expect(straight.status == 0, "\(straight)")
    let first = try Run(train("killed", data, steps: 8))
    let checkpoint = folder.path("killed/checkpoint.safetensors")
    let end = Date.now + 120
    while !FileManager.default.fileExists(atPath: checkpoint), Date.now < end { usleep(2000) }
    first.kill(SIGKILL)
    _ = try first.outcome()
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
      (train("a", folder.path("none"), steps: 1), "none"),
      (train("a", data, steps: 1) + ["--batch", "51"], "51"),
      (train("a", data, steps: 1) + ["--size", "20"], "20"),
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
