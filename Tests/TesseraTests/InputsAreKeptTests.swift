import Foundation
import Imaging
import Testing
import TestSupport
import Weights

/// No command writes to a file that it reads, by whatever name, and no picture takes the place of
/// what is none of Tessera's.
@Suite struct InputsAreKeptTests {
  private let folder = try! TemporaryFolder()
  private let small = ["--size", "32", "--steps", "1", "--cutouts", "2", "--starts", "1", "--device", "cpu"]

  /// The starter pair in a folder of its own, and a picture.
  init() throws {
    for name in ["vqgan.safetensors", "vqgan.yaml", "clip.safetensors", "merges.txt"] {
      try FileManager.default.copyItem(
        atPath: repositoryFile("weights/starter/\(name)"), toPath: folder.path(name))
    }
    for name in ["pics", "frames"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(name), withIntermediateDirectories: true)
    }
    try PNG.write(Image(width: 16, height: 16, color: SIMD3(0, 0, 1)), to: folder.path("in.png"))
    try PNG.write(Image(width: 16, height: 16, color: .zero), to: folder.path("pics/a.png"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link.png"), withDestinationPath: folder.path("clip.safetensors"))
    try FileManager.default.linkItem(
      atPath: folder.path("vqgan.safetensors"), toPath: folder.path("hard.png"))
    try FileManager.default.linkItem(
      atPath: folder.path("pics/a.png"), toPath: folder.path("outside.png"))
    try folder.write(Data("a red {star|house}\n".utf8), as: "prompts.png")
  }

  @Test func everyFileThatIsReadIsKept() throws {
    let path: (String) -> String = folder.path
    let models = ["--vqgan", path("vqgan.safetensors"), "--clip", path("clip.safetensors")]
    let render = ["render", "a red star"] + models + small
    let vqgan = ["--vqgan", path("vqgan.safetensors"), "--device", "cpu"]
    let search = ["clip", "search", path("pics"), "a star", "--device", "cpu", "--clip", path("clip.safetensors")]
    let commands = [
      render + ["-o", path("clip.safetensors")], render + ["-o", path("vqgan.safetensors")],
      render + ["-o", path("link.png")], render + ["-o", path("hard.png")],
      render + ["-o", path("vqgan.yaml")],
      render + ["--vocabulary", path("merges.txt"), "-o", path("merges.txt")],
      render + ["--prompts-file", path("prompts.png"), "-o", path("prompts.png")],
      render + ["--init-image", path("in.png"), "-o", path("in.png")],
      ["vqgan", "encode", path("in.png"), "-o", path("vqgan.safetensors")] + vqgan,
      ["vqgan", "encode", path("in.png"), "-o", path("vqgan.yaml")] + vqgan,
      ["vqgan", "reconstruct", path("in.png"), "-o", path("hard.png")] + vqgan,
      search + ["--sheet", path("pics/a.png")], search + ["--sheet", path("outside.png")],
      search + ["--sheet", path("link.png")],
      ["weights", "convert", path("vqgan.safetensors"), path("vqgan.yaml")],
    ]
    let before = try contents()
    for command in commands {
      let outcome = try tessera(command, environment: ["XDG_CACHE_HOME": path("cache")])
      #expect(
        outcome.status == 1 && outcome.errors.contains("is also what is read"),
        "\(command): \(outcome)")
      try? FileManager.default.removeItem(atPath: path("cache"))
      #expect(try contents() == before, "\(command)")
    }
  }

  @Test func imagineKeepsWhatItReads() throws {
    let transformer = try SmallTransformer.write(in: folder.path, words: 742)
    let picture = folder.path("new.png")
    for (options, text) in [
      (["-o", picture, "--codes-out", transformer], "is also what is read"),
      (["-o", picture, "--codes-out", folder.path("merges.txt")], "is also what is read"),
      (["-o", picture, "--codes-out", picture], "both name"),
      (["-o", folder.path("in.png"), "--complete", folder.path("in.png")], "is also what is read"),
    ] {
      let before = try contents()
      let outcome = try tessera(
        ["imagine", "a star", "--transformer", transformer, "--device", "cpu"] + options)
      #expect(outcome.status != 0 && outcome.errors.contains(text), "\(options): \(outcome)")
      #expect(try contents() == before)
    }
  }

  /// A photograph is not replaced by a picture; a picture by a picture is.
  @Test func onlyPicturesOfTesseraAreReplaced() throws {
    let out = folder.path("out.png")
    let outcome = try tessera(["render", "a star", "-o", folder.path("in.png")] + small)
    #expect(outcome.status == 1 && outcome.errors.contains("no picture of Tessera's"), "\(outcome)")
    for command in [
      ["render", "a star", "-o", out] + small, ["render", "a house", "-o", out] + small,
      ["vqgan", "reconstruct", folder.path("in.png"), "-o", out, "--device", "cpu"],
      ["vqgan", "reconstruct", folder.path("pics/a.png"), "-o", out, "--device", "cpu"],
    ] {
      let outcome = try tessera(command)
      #expect(outcome.status == 0, "\(outcome)")
    }
  }

  @Test(arguments: ["a.jfif", "a.heic", "a.jxl", "a.svg", "a.pdf", "a.tga", "a.jpe"])
  func namesOfOtherFormatsAreRefused(_ name: String) throws {
    let outcome = try tessera(["render", "a star", "-o", folder.path(name)])
    #expect(outcome.status == 1 && outcome.errors.contains("name it .png"), "\(outcome)")
  }

  @Test func aSecondRenderIntoOneFileIsRefused() throws {
    let out = folder.path("out.png")
    let environment = ["XDG_CACHE_HOME": folder.path("cache")]
    let first = try Run(
      ["render", "a star", "-o", out] + small + ["--steps", "1000000", "--save-every", "1"],
      environment: environment)
    let deadline = Date(timeIntervalSinceNow: 120)
    while first.isRunning, Date() < deadline, try !folder.contents.contains("out.png") {
      Thread.sleep(forTimeInterval: 0.01)
    }
    // By a link, too.
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("other.png"), withDestinationPath: "out.png")
    for name in ["out.png", "other.png"] {
      let second = try tessera(
        ["render", "a house", "-o", folder.path(name)] + small, environment: environment)
      #expect(second.status == 1 && second.errors.contains("another tessera is painting"), "\(second)")
    }
    first.send(SIGKILL)
    _ = try first.finish()
    let resumed = try Run(
      ["resume", out + ".resume", "--device", "cpu"], environment: environment)
    Thread.sleep(forTimeInterval: 1)
    resumed.interrupt()
    let outcome = try resumed.finish()
    #expect(!outcome.errors.contains("another tessera"), "\(outcome)")
    #expect(try folder.contents.allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func framesOfAnotherFilmAreKept() throws {
    try FileManager.default.copyItem(
      atPath: folder.path("in.png"), toPath: folder.path("frames/frame-00002.png"))
    let before = try contents()
    let outcome = try tessera(
      ["render", "a star", "--frames", folder.path("frames"), "-o", folder.path("out.png")] + small)
    #expect(outcome.status == 1 && outcome.errors.contains("frames are there already"), "\(outcome)")
    #expect(try contents() == before)
  }

  /// A name that leaves no room for the file beside it is refused before the work.
  @Test func longNames() throws {
    let name = String(repeating: "a", count: 247) + ".png"
    let outcome = try tessera(["render", "a star", "-o", folder.path(name)] + small)
    #expect(outcome.status == 1 && outcome.errors.contains("too long"), "\(outcome)")
    let shorter = String(repeating: "a", count: 235) + ".png"
    let saved = try tessera(
      ["render", "a star", "-o", folder.path(shorter), "--save-every", "1"] + small + ["--steps", "3"])
    #expect(saved.status == 0 && !saved.errors.contains("cannot write"), "\(saved)")
  }

  private func contents() throws -> [String: Data] {
    var result: [String: Data] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder.path)! {
      result[name] = FileManager.default.contents(atPath: folder.path(name)) ?? Data()
    }
    return result
  }
}
