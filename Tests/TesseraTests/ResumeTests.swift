import Foundation
import Guidance
import Testing
import TestSupport

/// Renders that are resumed by what was printed, from other places.
@Suite struct ResumeTests {
  private let folder = try! TemporaryFolder()

  /// Runs a render until it has saved, and interrupts it.
  private func interrupted(_ arguments: [String], output: String) throws -> Outcome {
    let run = try Run(
      ["render", "a red house", "-o", output, "--size", "32", "--cutouts", "2", "--starts", "1"]
        + arguments)
    let deadline = Date(timeIntervalSinceNow: 120)
    while run.isRunning, Date() < deadline, !FileManager.default.fileExists(atPath: output + ".resume") {
      Thread.sleep(forTimeInterval: 0.005)
    }
    run.interrupt()
    return try run.finish()
  }

  /// The command that is printed can be pasted, whatever the names are.
  @Test func thePrintedCommandCanBePasted() throws {
    let pictures = folder.path("my 'best' pictures")
    try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
    let frames = folder.path("my frames")
    let outcome = try interrupted(
      ["--steps", "60", "--save-every", "2", "--frames", frames, "--device", "cpu", "--memory", "900MB"],
      output: pictures + "/a house.png")
    try #require(outcome.status == 130, "\(outcome)")
    let command = try #require(outcome.errors.components(separatedBy: "to go on: tessera ").last)
    #expect(command.contains("--device cpu") && command.contains("--memory 900MB"), "\(command)")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "exec '\(executablePath)' \(command)"]
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: pictures) == ["a house.png"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: frames).count == 30)
  }

  @Test func modelsThatMovedAreNamed() throws {
    func models(_ name: String) -> String { folder.path(name) }
    try FileManager.default.createDirectory(atPath: models("mv1"), withIntermediateDirectories: true)
    for name in ["vqgan.safetensors", "vqgan.yaml", "clip.safetensors", "merges.txt"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: repositoryFile("weights/starter/\(name)")))
      // Other bytes than the starter's, which would be found.
      try folder.write(name.hasSuffix("yaml") ? bytes + Data("\n".utf8) : bytes, as: "mv1/\(name)")
    }
    let output = folder.path("a.png")
    let outcome = try interrupted(
      ["--steps", "40", "--save-every", "1", "--device", "cpu", "--vqgan", models("mv1/vqgan.safetensors"),
        "--clip", models("mv1/clip.safetensors")], output: output)
    try #require(outcome.status == 130, "\(outcome)")
    try FileManager.default.moveItem(atPath: models("mv1"), toPath: models("mv2"))
    let lost = try tessera(["resume", output + ".resume", "--device", "cpu"])
    #expect(lost.status == 1 && lost.errors.contains("vqgan.yaml"), "\(lost)")
    let other = try tessera([
      "resume", output + ".resume", "--device", "cpu", "--vqgan", "weights/starter/clip.safetensors",
    ])
    #expect(other.status == 1 && other.errors.contains("is missing or not the file"), "\(other)")
    let resumed = try tessera([
      "resume", output + ".resume", "--device", "cpu", "--vqgan", models("mv2/vqgan.safetensors"),
      "--clip", models("mv2/clip.safetensors"),
    ])
    #expect(resumed.status == 0, "\(resumed)")
  }

  /// Frames go on in the interval they had, without a gap.
  @Test func framesKeepTheirInterval() throws {
    let frames = folder.path("frames")
    let output = folder.path("a.png")
    let outcome = try interrupted(
      ["--steps", "60", "--save-every", "10", "--frames", frames, "--device", "cpu"], output: output)
    try #require(outcome.status == 130, "\(outcome)")
    let resume = ["resume", output + ".resume", "--device", "cpu", "--frames", frames]
    let other = try tessera(resume + ["--save-every", "7"])
    #expect(other.status == 64 && other.errors.contains("every 10 steps"), "\(other)")
    let resumed = try tessera(resume)
    #expect(resumed.status == 0, "\(resumed)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: frames).sorted()
        == (1...6).map { "frame-0000\($0).png" })
  }
}
