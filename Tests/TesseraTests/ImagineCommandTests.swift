import Foundation
import Imaging
import Testing
import TestSupport
import Weights

/// `tessera imagine`, and `render` from what it paints, with a transformer of random weights.
@Suite struct ImagineCommandTests {
  private let folder = try! TemporaryFolder()

  /// A transformer that takes words of the starter's vocabulary, which is put beside it.
  private func transformer() throws -> String {
    let path = try SmallTransformer.write(in: folder.path, words: 742)
    let merges = folder.path("merges.txt")
    if !FileManager.default.fileExists(atPath: merges) {
      try FileManager.default.copyItem(
        atPath: repositoryFile("weights/starter/merges.txt"), toPath: merges)
    }
    return path
  }

  private func imagine(_ arguments: [String]) throws -> Outcome {
    try tessera(
      ["imagine"] + arguments + ["--transformer", try transformer(), "--device", "cpu"])
  }

  @Test func picturesHaveNumbers() throws {
    let outcome = try imagine(["a red star", "-o", folder.path("star.png"), "--count", "3"])
    try #require(outcome.status == 0, "\(outcome)")
    let names = ["star-01.png", "star-02.png", "star-03.png"]
    #expect(Set(names).isSubset(of: try folder.contents))
    #expect(Set(try names.map { try folder.bytes($0) }).count == 3)
    let one = try imagine(["a red star", "-o", folder.path("one.png"), "--quiet"])
    #expect(one.status == 0 && one.errors.isEmpty, "\(one)")
    #expect(
      try PNG.read(folder.path("one.png")).image == PNG.read(folder.path("star-01.png")).image)
  }

  @Test func aSheetOrderedByAPerceptor() throws {
    let outcome = try imagine([
      "a red star", "-o", folder.path("sheet.png"), "--count", "5", "--sheet", "--rank",
      "--codes-out", folder.path("codes.safetensors"),
    ])
    try #require(outcome.status == 0, "\(outcome)")
    let sheet = try PNG.read(folder.path("sheet.png")).image
    #expect(sheet.width == 3 * 32 + 4 && sheet.height == 2 * 32 + 2)
    let decoded = try tessera([
      "vqgan", "decode", folder.path("codes.safetensors"), "-o", folder.path("best.png"),
      "--device", "cpu",
    ])
    #expect(decoded.status == 0, "\(decoded)")
    #expect(
      try PNG.read(folder.path("best.png")).image
        == sheet.cropped(width: 32, height: 32))
  }

  @Test func aPictureIsCompleted() throws {
    let codes = folder.path("codes.safetensors")
    var outcome = try imagine(["-o", folder.path("a.png"), "--codes-out", codes])
    try #require(outcome.status == 0, "\(outcome)")
    outcome = try imagine([
      "a red star", "-o", folder.path("b.png"), "--codes", codes, "--codes-out",
      folder.path("b.safetensors"), "--seed", "9",
    ])
    try #require(outcome.status == 0, "\(outcome)")
    let (former, later) = (
      try WeightFile(path: codes)["codes"]!.floats(),
      try WeightFile(path: folder.path("b.safetensors"))["codes"]!.floats()
    )
    #expect(former[..<8] == later[..<8] && former[8...] != later[8...])
    outcome = try imagine([
      "a red star", "-o", folder.path("c.png"), "--complete", folder.path("a.png"),
    ])
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func aWindowPaintsLargerPictures() throws {
    let outcome = try imagine(["a red star", "-o", folder.path("wide.png"), "--size", "64x40"])
    try #require(outcome.status == 0, "\(outcome)")
    let picture = try PNG.read(folder.path("wide.png")).image
    #expect(picture.width == 64 && picture.height == 40)
  }

  @Test func mistakesAreTold() throws {
    let out = ["-o", folder.path("x.png")]
    for (arguments, text) in [
      (["a star", "--size", "24"] + out, "32x32 and more"),
      (["a star", "--size", "36"] + out, "multiples of 8"),
      (["a star", "--count", "0"] + out, "--count"),
      (["--rank"] + out, "--rank"),
      (["a star", "--top-p", "0"] + out, "--top-p"),
      (["a star", "--complete", "a.png", "--codes", "b"] + out, "name one"),
      (["a star", "--complete", folder.path("none.png")] + out, "none.png"),
      (["a star", "-o", folder.path("x.jpg")], "PNG"),
    ] {
      let outcome = try imagine(arguments)
      #expect(outcome.status != 0 && outcome.errors.contains(text), "\(arguments): \(outcome)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    }
    // The starter's VQGAN has no transformer beside it here.
    let outcome = try tessera([
      "imagine", "a star", "-o", folder.path("x.png"), "--vqgan", Originals.generator,
      "--transformer", Originals.generator, "--device", "cpu",
    ])
    #expect(outcome.status != 0 && outcome.errors.contains("no codebook transformer"), "\(outcome)")
  }

  /// A render from the transformer's pictures records all it takes to be repeated.
  @Test func aRenderStartsFromIt() throws {
    let arguments = [
      "--size", "48x32", "--steps", "2", "--cutouts", "2", "--samples", "3", "--rounds", "2",
      "--device", "cpu",
    ]
    let first = try tessera(
      ["render", "a red star", "-o", folder.path("a.png"), "--start", "prior", "--transformer",
        try transformer()] + arguments)
    try #require(first.status == 0, "\(first)")
    #expect(first.errors.split(separator: "\n").filter { $0.hasPrefix("start ") }.count == 6)
    let again = try tessera([
      "render", "--like", folder.path("a.png"), "-o", folder.path("b.png"), "--device", "cpu",
    ])
    try #require(again.status == 0, "\(again)")
    #expect(try folder.bytes("a.png") == folder.bytes("b.png"))
    let told = try tessera(["info", folder.path("a.png")])
    #expect(told.output.contains("3 pictures of the transformer, 2 rounds"), "\(told)")
  }

  @Test(arguments: ["codes", "noise"]) func otherStarts(_ start: String) throws {
    let outcome = try tessera([
      "render", "a red star", "-o", folder.path("a.png"), "--start", start, "--size", "32",
      "--steps", "1", "--cutouts", "2", "--samples", "1", "--device", "cpu",
    ])
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func aPriorNeedsATransformerAndWords() throws {
    let arguments = ["-o", folder.path("a.png"), "--size", "32", "--start", "prior", "--device", "cpu"]
    let without = try tessera(["render", "a star", "--generator", "fft"] + arguments)
    #expect(without.status != 0 && without.errors.contains("no codebook transformer"), "\(without)")
    let wordless = try tessera(
      ["render", "--image-prompt", "Tests/Fixtures/pictures/large.png", "--transformer",
        try transformer()] + arguments)
    #expect(wordless.status != 0 && wordless.errors.contains("no prompt has any"), "\(wordless)")
  }
}
