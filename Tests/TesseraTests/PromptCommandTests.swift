import Foundation
import Guidance
import Imaging
import Testing
import TestSupport

/// Prompts, seeds and files of prompts on the command line.
@Suite struct PromptCommandTests {
  private let folder = try! TemporaryFolder()

  private func render(_ arguments: [String], to name: String = "a.png") throws -> Outcome {
    try tessera(
      ["render"] + arguments + [
        "-o", folder.path(name), "--size", "32", "--steps", "2", "--cutouts", "2", "--starts", "1",
        "--device", "cpu", "-q",
      ])
  }

  private func prompts(_ name: String = "a.png") throws -> [Prompt] {
    try RenderRecord(ofPicture: folder.path(name)).request.prompts
  }

  /// What a picture records, as `tessera info` prints it, paints the same picture.
  @Test(arguments: [
    [#"ratio 16\:9"#], ["a red house:0.25 | fog:-0.3"], ["a boat:0,5", "the sea"], ["{a|b|c} {d|e} \\{f\\}"],
  ])
  func whatIsRecordedIsPaintedAgain(_ arguments: [String]) throws {
    let first = try render(arguments)
    try #require(first.status == 0, "\(first)")
    let info = try tessera(["info", folder.path("a.png"), "--json"])
    let record = try JSONDecoder().decode(RenderRecord.self, from: Data(info.output.utf8))
    let again = try render(record.request.prompts.map(\.description), to: "b.png")
    try #require(again.status == 0, "\(again)")
    #expect(try prompts() == prompts("b.png"))
    #expect(
      try PNG.read(folder.path("a.png")).image == PNG.read(folder.path("b.png")).image)
  }

  @Test func templatesAreRecordedAsAsked() throws {
    try folder.write(Data("a cat\na dog\n".utf8), as: "animal.txt")
    let outcome = try render(["{red|blue} __animal__", "--wildcards", folder.path(""), "--seed", "3"])
    try #require(outcome.status == 0, "\(outcome)")
    let request = try RenderRecord(ofPicture: folder.path("a.png")).request
    #expect(request.promptTemplates == ["{red|blue} __animal__"])
    #expect(["red a cat", "red a dog", "blue a cat", "blue a dog"].contains(request.prompts[0].text))
    let info = try tessera(["info", folder.path("a.png")])
    #expect(info.output.contains("{red|blue} __animal__") && info.output.contains(request.prompts[0].name))
    let like = try render(["--like", folder.path("a.png")], to: "b.png")
    #expect(like.status == 0, "\(like)")
    #expect(try folder.bytes("a.png") == folder.bytes("b.png"))
  }

  @Test func aFileOfPrompts() throws {
    try folder.write(Data("\u{FEFF}# two prompts\r\na blue boat:0.5\r\n\r\nfog:-0.3\r\n".utf8), as: "p.txt")
    let outcome = try render(["a red house", "--prompts-file", folder.path("p.txt")])
    try #require(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    #expect(try prompts().map(\.description) == ["a red house", "a blue boat:0.5", "fog:-0.3"])
    try folder.write(Data("a boat\na boat:1e-1\n".utf8), as: "p.txt")
    let wrong = try render(["--prompts-file", folder.path("p.txt")])
    #expect(wrong.status == 64 && wrong.errors.contains("p.txt:2: "), "\(wrong)")
    let missing = try render(["--prompts-file", folder.path("none.txt")])
    #expect(missing.status == 1 && missing.errors.contains("none.txt"), "\(missing)")
    try folder.write(Data([0x61, 0xE9]), as: "p.txt")
    let latin = try render(["--prompts-file", folder.path("p.txt")])
    #expect(latin.status == 1 && latin.errors.contains("not UTF-8"), "\(latin)")
  }

  @Test func aSeedIsDrawn() throws {
    var seeds: Set<UInt64> = []
    for name in ["a.png", "b.png"] {
      let outcome = try tessera([
        "render", "a star", "-o", folder.path(name), "--size", "32", "--steps", "1", "--cutouts", "2",
        "--starts", "1", "--device", "cpu", "--seed", "random",
      ])
      try #require(outcome.status == 0, "\(outcome)")
      let seed = try RenderRecord(ofPicture: folder.path(name)).request.seed
      #expect(outcome.errors.contains("seed \(seed)\n") && outcome.output.contains("seed \(seed),"))
      seeds.insert(seed)
    }
    #expect(seeds.count == 2)
    let outcome = try render(["a star", "--seed", "-1"])
    #expect(outcome.status == 64 && outcome.errors.contains("'random'"), "\(outcome)")
  }

  @Test(arguments: [
    (["a", "red", "house"], "'a red house'"), (["a red house", "48"], "--size 64x48"),
    (["a red house", "64x48"], "--size 64x48"), (["ratio 16:9"], #"'ratio 16\:9'"#),
  ])
  func likelyMistakesAreSaid(_ arguments: [String], _ text: String) throws {
    let outcome = try render(arguments)
    #expect(outcome.status == 0 && outcome.errors.contains(text), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func queriesArePrompts() throws {
    func search(_ query: String) throws -> Outcome {
      try tessera(
        ["clip", "search", "Tests/Fixtures/pictures", query, "--device", "cpu", "-q", "--top", "2"],
        environment: ["XDG_CACHE_HOME": folder.path("cache")])
    }
    let plain = try search("a red star")
    #expect(try plain.status == 0 && search("a red star:0.5").output == plain.output, "\(plain)")
    let mixed = try search("a red star | the sea:-0.5")
    #expect(mixed.status == 0 && mixed.output != plain.output, "\(mixed)")
    #expect(try search("a star:99").status == 64)
  }
}
