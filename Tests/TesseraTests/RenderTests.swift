import Execution
import Foundation
import Guidance
import Imaging
import Testing
import TestSupport

@Suite struct RenderTests {
  /// A render of a second or two.
  private func arguments(_ folder: TemporaryFolder, _ name: String = "out.png") -> [String] {
    [
      "render", "a red house on green", "-o", folder.path(name), "--size", "32", "--steps", "3",
      "--cutouts", "2", "--starts", "1",
    ]
  }

  @Test(arguments: ComputeDevice.all())
  func sameCommandSameBytes(device: ComputeDevice) throws {
    let folder = try TemporaryFolder()
    for name in ["a.png", "b.png"] {
      let outcome = try tessera(arguments(folder, name) + ["--device", device.id, "--seed", "7"])
      try #require(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.hasPrefix("\(folder.path(name)): seed 7, loss "), "\(outcome)")
    }
    #expect(try folder.bytes("a.png") == folder.bytes("b.png"))
    #expect(try folder.contents == ["a.png", "b.png"])

    let other = try tessera(arguments(folder, "c.png") + ["--device", device.id, "--seed", "8"])
    try #require(other.status == 0, "\(other)")
    let images = try ["a.png", "c.png"].map { try PNG.read(folder.path($0)).image }
    #expect(images[0] != images[1], "the seed has no effect")
  }

  @Test(arguments: ["cpu", "auto"])
  func withoutAnyDriver(device: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(
      arguments(folder) + ["--device", device], environment: withoutDrivers)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(try PNG.read(folder.path("out.png")).image.width == 32)
  }

  @Test func thePictureSaysHowItWasMade() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(
      arguments(folder) + ["the sea at sunset:0.5", "--device", "cpu", "--seed", "9", "--quiet"])
    #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
    let contents = try PNG.read(folder.path("out.png"))
    #expect(contents.texts.map(\.keyword) == ["tessera", "parameters", "Software"])
    #expect(
      contents.text("parameters")?.hasPrefix("a red house on green, (the sea at sunset:0.5)\nSteps: 3")
        == true)
    let record = try RenderRecord(ofPicture: folder.path("out.png"))
    #expect(record.request.prompts.map(\.description) == ["a red house on green", "the sea at sunset:0.5"])
    #expect(record.request.seed == 9 && record.request.steps == 3 && record.stepsDone == 3)
    #expect(record.request.cutouts.count == 2 && record.request.starts == 1)
    #expect((record.resolved.width, record.resolved.height) == (32, 32))
    #expect(record.resolved.precision == .full && record.resolved.device.hasPrefix("cpu ("))
    #expect(record.request.generatorWeights?.name == "vqgan.safetensors")
  }

  @Test func sizesAreRoundedAloud() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(arguments(folder) + ["--size", "30x43", "--device", "cpu"])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      outcome.errors.contains(
        "30x43 is not a multiple of the generator's factor; rendering 32x40"), "\(outcome)")
    let image = try PNG.read(folder.path("out.png")).image
    #expect(image.width == 32 && image.height == 40)
  }

  @Test func startsFromAPicture() throws {
    let folder = try TemporaryFolder()
    try PNG.write(
      Image(width: 20, height: 50, color: SIMD3(0.9, 0.1, 0.1)), to: folder.path("in.png"))
    let start = ["--init-image", folder.path("in.png"), "--learning-rate", "0.001"]
    let outcome = try tessera(arguments(folder) + start + ["--device", "cpu"])
    #expect(outcome.status == 0, "\(outcome)")
    let pixels = try PNG.read(folder.path("out.png")).image.pixels
    func mean(_ channel: Int) -> Float {
      stride(from: channel, to: pixels.count, by: 3).reduce(0) { $0 + pixels[$1] }
        / Float(pixels.count / 3)
    }
    #expect(mean(0) > mean(1) + 0.3 && mean(0) > mean(2) + 0.3, "a red start stays red")
  }

  @Test func aPictureIsAPrompt() throws {
    let folder = try TemporaryFolder()
    try PNG.write(
      Image(width: 64, height: 64, color: SIMD3(0.9, 0.1, 0.1)), to: folder.path("in.png"))
    let command = [
      "render", "--image-prompt", folder.path("in.png") + ":0.5", "-o", folder.path("out.png"),
      "--size", "32", "--steps", "3", "--cutouts", "2", "--starts", "1", "--device", "cpu",
    ]
    let outcome = try tessera(command)
    #expect(outcome.status == 0, "\(outcome)")
    let record = try RenderRecord(ofPicture: folder.path("out.png"))
    #expect(record.request.prompts.map(\.description) == ["in.png:0.5"])
    let none = try tessera(command + ["--image-prompt", folder.path("none.png")])
    #expect(none.status == 1 && none.errors.contains("none.png"), "\(none)")
  }

  @Test func everyStartIsShown() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(arguments(folder) + ["--starts", "3", "--device", "cpu"])
    #expect(outcome.status == 0, "\(outcome)")
    let starts = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("start ") }
    #expect(starts.count == 3 && starts.last?.hasPrefix("start 3/3  loss ") == true, "\(outcome)")
  }

  @Test func progressInAPipe() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(arguments(folder) + ["--steps", "20", "--device", "cpu"])
    let lines = outcome.errors.split(separator: "\n")
    #expect((1...10).contains(lines.count), "\(outcome)")
    #expect(lines.last?.hasPrefix("step 20/20  loss ") == true, "\(outcome)")
    #expect(!outcome.errors.contains("\u{1B}"))
  }

  @Test func anInterruptionLeavesThePictureAsItStands() throws {
    let folder = try TemporaryFolder()
    let run = try Run(
      arguments(folder) + ["--steps", "1000000", "--save-every", "1", "--device", "cpu"])
    // Saving proves that the loop runs, and that it saves.
    wait(for: run) { FileManager.default.fileExists(atPath: folder.path("out.png")) }
    run.interrupt()
    let outcome = try run.finish()
    #expect(outcome.status == 130, "\(outcome)")
    #expect(outcome.errors.contains("tessera: interrupted after "), "\(outcome)")
    #expect(outcome.output.isEmpty)
    let contents = try PNG.read(folder.path("out.png"))
    #expect(contents.image.width == 32)
    let record = try RenderRecord(ofPicture: folder.path("out.png"))
    #expect(record.stepsDone < 1_000_000 && record.request.steps == 1_000_000)
    #expect(try folder.contents == ["out.png", "out.png.resume"])
  }

  @Test func anInterruptedRenderGoesOn() throws {
    let folder = try TemporaryFolder()
    func arguments(_ name: String) -> [String] {
      self.arguments(folder, name) + ["--steps", "60", "--save-every", "1", "--device", "cpu"]
    }
    let run = try Run(arguments("a.png"))
    wait(for: run) { FileManager.default.fileExists(atPath: folder.path("a.png.resume")) }
    run.interrupt()
    let interrupted = try run.finish()
    #expect(interrupted.status == 130, "\(interrupted)")
    #expect(
      interrupted.errors.contains("to go on: tessera resume \(folder.path("a.png.resume"))"),
      "\(interrupted)")

    let resumed = try tessera(["resume", folder.path("a.png.resume"), "--device", "cpu"])
    try #require(resumed.status == 0, "\(resumed)")
    #expect(resumed.output.hasPrefix("\(folder.path("a.png")): seed 0, loss "), "\(resumed)")
    let whole = try tessera(arguments("b.png"))
    #expect(whole.status == 0, "\(whole)")
    #expect(try folder.bytes("a.png") == folder.bytes("b.png"))
    #expect(try folder.contents == ["a.png", "b.png"])
  }

  /// One frame every so many steps and one of the last, also of a render that was interrupted.
  @Test func framesAreNumbered() throws {
    let folder = try TemporaryFolder()
    func frames(_ name: String, steps: Int, every: Int) -> [String] {
      arguments(folder, name) + [
        "--steps", "\(steps)", "--save-every", "\(every)", "--frames", folder.path("frames"),
        "--device", "cpu",
      ]
    }
    func names(_ count: Int) -> [String] {
      (1...count).map { "frame-\(String(100_000 + $0).dropFirst()).png" }
    }
    func contents() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path("frames")).sorted()
    }
    let outcome = try tessera(frames("a.png", steps: 5, every: 2))
    #expect(outcome.status == 0, "\(outcome)")
    #expect(try contents() == names(3))
    #expect(try folder.bytes("frames/frame-00003.png") == folder.bytes("a.png"))
    #expect(try folder.bytes("frames/frame-00002.png") != folder.bytes("a.png"))

    let again = try tessera(frames("b.png", steps: 5, every: 2))
    #expect(again.status == 1 && again.errors.contains("frames are there already"), "\(again)")
    try FileManager.default.removeItem(atPath: folder.path("frames"))
    let run = try Run(frames("b.png", steps: 60, every: 1))
    wait(for: run) { FileManager.default.fileExists(atPath: folder.path("b.png.resume")) }
    run.interrupt()
    let interrupted = try run.finish()
    #expect(
      interrupted.status == 130
        && interrupted.errors.contains("--save-every 1 --frames \(folder.path("frames"))"),
      "\(interrupted)")
    let resumed = try tessera([
      "resume", folder.path("b.png.resume"), "--frames", folder.path("frames"), "--device", "cpu",
    ])
    #expect(resumed.status == 0, "\(resumed)")
    #expect(try contents() == names(60))
  }

  @Test func anInterruptionEndsTheSearchForAStart() throws {
    let folder = try TemporaryFolder()
    let run = try Run(arguments(folder) + ["--starts", "1000", "--device", "cpu"])
    wait(for: run) { (try? run.errorsSoFar.contains("start 1/1000")) == true }
    run.interrupt()
    let outcome = try run.finish()
    #expect(outcome.status == 130, "\(outcome)")
    #expect(!outcome.errors.contains("start 500/1000"), "\(outcome)")
    #expect(outcome.errors.contains(" of 1000 starts were tried"), "\(outcome)")
    let record = try RenderRecord(ofPicture: folder.path("out.png"))
    #expect(record.stepsDone == 1 && record.changes.map(\.field) == ["starts"])
  }

  /// The window is closed, or the connection lost.
  @Test func aLostTerminalLosesNothing() throws {
    let folder = try TemporaryFolder()
    let run = try Run(
      arguments(folder) + ["--steps", "1000000", "--save-every", "1", "--device", "cpu"])
    let state = folder.path("out.png.resume")
    wait(for: run) { FileManager.default.fileExists(atPath: state) }
    run.send(SIGHUP)
    let outcome = try run.finish()
    #expect(outcome.status == 129, "\(outcome)")
    #expect(try folder.contents == ["out.png", "out.png.resume"])
  }

  /// Waits until `condition` holds, but no longer than the run lasts, nor than two minutes.
  private func wait(for run: Run, until condition: () -> Bool) {
    let deadline = Date(timeIntervalSinceNow: 120)
    while run.isRunning, Date() < deadline, !condition() { Thread.sleep(forTimeInterval: 0.01) }
  }
}

@Suite struct CommandTests {
  @Test func devices() throws {
    let outcome = try tessera(["devices"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    for device in ComputeDevice.all() {
      #expect(outcome.output.contains("\(device.id) ") && outcome.output.contains(device.name))
    }
    #expect(outcome.output.contains("--device auto takes "))
  }

  @Test func devicesWithoutDrivers() throws {
    let outcome = try tessera(["devices"], environment: withoutDrivers)
    #expect(outcome.status == 0 && !outcome.output.contains("opencl:"), "\(outcome)")
    #expect(
      outcome.output.contains("--device auto takes cpu: no OpenCL driver offers a GPU"),
      "\(outcome)")
  }

  @Test func helpAndVersion() throws {
    for arguments in [[], ["--help"], ["help", "render"], ["help", "info"], ["weights"], ["--version"]] {
      let outcome = try tessera(arguments)
      #expect(outcome.status == 0 && outcome.errors.isEmpty && !outcome.output.isEmpty)
    }
  }

  @Test func convertsACheckpoint() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera([
      "weights", "convert", "Tests/Fixtures/weights/lightning.ckpt", folder.path("out"), "--half",
    ])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("out: 4 tensors written"), "\(outcome)")
    #expect(try folder.contents == ["out"])
  }
}
