import Execution
import Foundation
import Imaging
import Testing
import TestSupport

private let pictures = "Tests/Fixtures/pictures"

@Suite struct EmbedCommandTests {
  private struct Entry: Decodable {
    let kind: String
    let input: String
    let embedding: [Float]
  }

  @Test(arguments: ComputeDevice.all())
  func keepsTheOrderGiven(device: ComputeDevice) throws {
    let outcome = try tessera([
      "clip", "embed", "--text", "a red star", "--image", "\(pictures)/wide.png", "--text=the sea",
      "--image", "Tests/Fixtures/images/orientation6.jpg", "--json", "--device", device.id,
    ])
    try #require(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    let entries = try JSONDecoder().decode([Entry].self, from: Data(outcome.output.utf8))
    #expect(entries.map(\.kind) == ["text", "image", "text", "image"])
    #expect(
      entries.map(\.input) == [
        "a red star", "\(pictures)/wide.png", "the sea", "Tests/Fixtures/images/orientation6.jpg",
      ])
    #expect(entries.allSatisfy { $0.embedding.count == 128 })
    // As the model makes them.
    let length = entries[0].embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(length > 1.5, "not of unit length")
  }

  @Test func aPictureThatCannotBeReadIsNamed() throws {
    let outcome = try tessera([
      "clip", "embed", "--image", "\(pictures)/tiny.png", "--image",
      "Tests/Fixtures/images/truncated.png", "--text", "a boat", "--json", "--device", "cpu",
    ])
    #expect(outcome.status == 1 && outcome.errors.contains("truncated.png"), "\(outcome)")
    let entries = try JSONDecoder().decode([Entry].self, from: Data(outcome.output.utf8))
    #expect(entries.map(\.input) == ["\(pictures)/tiny.png", "a boat"])
  }

  @Test func aLineEachForPeople() throws {
    let outcome = try tessera([
      "clip", "embed", "--image", "\(pictures)/tiny.png", "--text", "a boat", "--device", "cpu",
    ])
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.status == 0 && lines.count == 2, "\(outcome)")
    #expect(lines[0].hasPrefix("image  \(pictures)/tiny.png: 128 components of length "))
    #expect(lines[1].hasPrefix("text  a boat: 128 components of length "))
  }

  @Test func longTextsAreCutOnlyWhenAsked() throws {
    let text = Array(repeating: "star", count: 40).joined(separator: " ")
    let arguments = ["clip", "embed", "--text", text, "--device", "cpu"]
    let refused = try tessera(arguments)
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(refused.errors.contains("42 tokens long") && refused.errors.contains("--truncate"))
    #expect(try tessera(arguments + ["--truncate"]).status == 0)
  }

  @Test func vocabularyIsLookedForAloud() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("clip.safetensors")
    try FileManager.default.copyItem(
      atPath: repositoryFile("weights/starter/clip.safetensors"), toPath: model)
    let arguments = ["clip", "embed", "--text", "a star", "--device", "cpu", "--clip", model]
    let environment = ["XDG_DATA_HOME": folder.path("data")]
    let missing = try tessera(arguments, environment: environment)
    #expect(missing.status == 1 && missing.errors.count { $0 == "\n" } == 1, "\(missing)")
    for place in [
      "merges.txt", "tokenizer.json", "data/tessera/weights/bpe_simple_vocab_16e6.txt.gz",
    ] {
      #expect(missing.errors.contains(folder.path(place)), "\(missing)")
    }
    let merges = repositoryFile("weights/starter/merges.txt")
    #expect(try tessera(arguments + ["--vocabulary", merges]).status == 0)
    #expect(try tessera(arguments + ["--vocabulary", "README.md"]).status == 1)
  }
}

@Suite struct ScoreCommandTests {
  private struct Entry: Decodable {
    struct Text: Decodable {
      let text: String
      let probability: Float
      let cosine: Float
    }
    let image: String
    let best: String
    let texts: [Text]
  }

  @Test func tellsTheCaption() throws {
    let folder = try TemporaryFolder()
    var disc = Image(width: 64, height: 64, color: SIMD3(repeating: 1))
    for y in 0..<64 {
      for x in 0..<64 where (x - 32) * (x - 32) + (y - 32) * (y - 32) < 400 {
        disc[x, y] = SIMD3(0.9, 0.1, 0.1)
      }
    }
    try PNG.write(disc, to: folder.path("red.png"))
    disc.pixels = zip(disc.pixels, disc.pixels.indices).map { value, place in
      disc.pixels[place - place % 3 + 2 - place % 3]
    }
    try PNG.write(disc, to: folder.path("blue.png"))
    let captions = ["a red circle on white", "a blue circle on white", "the sea at sunset"]
    let arguments = [
      "clip", "score", "--image", folder.path("red.png"), "--image", folder.path("blue.png"),
      "--device", "cpu",
    ] + captions.flatMap { ["--text", $0] }

    let outcome = try tessera(arguments + ["--json"])
    try #require(outcome.status == 0, "\(outcome)")
    let entries = try JSONDecoder().decode([Entry].self, from: Data(outcome.output.utf8))
    #expect(entries.map(\.best) == Array(captions[0...1]))
    for entry in entries {
      #expect(entry.texts.map(\.text) == captions)
      #expect(abs(entry.texts.map(\.probability).reduce(0, +) - 1) < 1e-4)
      #expect(entry.texts.allSatisfy { (-1...1).contains($0.cosine) })
    }

    // One that cannot be read is named, and the others are scored.
    let plain = try tessera(arguments)
    let mixed = try tessera(
      ["clip", "score", "--image", "Tests/Fixtures/images/truncated.png"] + arguments.dropFirst(2))
    #expect(mixed.status == 1 && mixed.output == plain.output, "\(mixed)")
    #expect(
      mixed.errors.hasPrefix("tessera: ") && mixed.errors.contains("truncated.png")
        && mixed.errors.count { $0 == "\n" } == 1, "\(mixed)")

    let lines = plain.output.split(separator: "\n")
    #expect(lines.count == 8)
    #expect(lines[0] == "\(folder.path("red.png")): a red circle on white")
    #expect(lines[1].hasSuffix("a red circle on white") && lines[1].contains("  cosine 0."))
  }
}

@Suite struct SearchCommandTests {
  private let folder: TemporaryFolder
  private var environment: [String: String?] { ["XDG_CACHE_HOME": folder.path("cache")] }

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("pictures"), withIntermediateDirectories: true)
    for (name, color) in [
      ("red", SIMD3<Float>(0.9, 0.1, 0.1)), ("green", SIMD3(0.1, 0.8, 0.1)),
      ("blue", SIMD3(0.1, 0.1, 0.9)),
    ] {
      try PNG.write(
        Image(width: 300, height: 200, color: color), to: folder.path("pictures/\(name).png"))
    }
  }

  private func search(_ arguments: String...) throws -> Outcome {
    try tessera(
      ["clip", "search", folder.path("pictures"), "--device", "cpu"] + arguments,
      environment: environment)
  }

  @Test func listsAndLaysOutTheHits() throws {
    let first = try search("blue", "--top", "2", "--sheet", folder.path("sheet.png"))
    try #require(first.status == 0, "\(first)")
    #expect(first.errors.hasPrefix("picture "), "indexing is told")
    #expect(first.output.split(separator: "\n").count == 2)
    let sheet = try PNG.read(folder.path("sheet.png"))
    #expect(sheet.image.width == 256 + 8 + 256 && sheet.text("query") == "blue")

    let second = try search("blue", "--top", "2")
    #expect(second.output == first.output && second.errors.isEmpty, "\(second)")
    #expect(try folder.contents == ["cache", "pictures", "sheet.png"])

    struct Entry: Decodable {
      let image: String
      let cosine: Float
    }
    let json = try search("blue", "--json")
    let entries = try JSONDecoder().decode([Entry].self, from: Data(json.output.utf8))
    #expect(entries.count == 3)
    #expect(entries[0].image.hasPrefix(folder.path("pictures")))
  }

  @Test func brokenPicturesAreNamed() throws {
    try folder.write(Data("PNG".utf8), as: "pictures/broken.png")
    let outcome = try search("red", "--quiet")
    #expect(outcome.status == 0 && outcome.output.split(separator: "\n").count == 3, "\(outcome)")
    #expect(outcome.errors.count { $0 == "\n" } == 1)
    #expect(outcome.errors.hasPrefix("tessera: \(folder.path("pictures/broken.png")) is neither"))
  }

  /// The hits are printed first, and many fit on a sheet.
  @Test func aSheetOfMany() throws {
    for number in 0..<500 {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("pictures/\(number).png"),
        withDestinationPath: folder.path("pictures/red.png"))
    }
    let outcome = try search("red", "--quiet", "--top", "500", "--sheet", folder.path("sheet.png"))
    #expect(outcome.status == 0 && outcome.output.split(separator: "\n").count == 500, "\(outcome.errors)")
    #expect(try PNG.read(folder.path("sheet.png")).image.height < 8192)
  }

  @Test func anEmptyFolderHasNoHits() throws {
    try FileManager.default.removeItem(atPath: folder.path("pictures"))
    try FileManager.default.createDirectory(
      atPath: folder.path("pictures"), withIntermediateDirectories: true)
    let outcome = try search("red", "--sheet", folder.path("sheet.png"))
    #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("there is no picture in"))
    #expect(try folder.contents == ["pictures"])
  }

  @Test func anInterruptionKeepsWhatIsDone() throws {
    for number in 0..<1500 {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("pictures/\(number).png"),
        withDestinationPath: folder.path("pictures/red.png"))
    }
    let run = try Run(
      ["clip", "search", folder.path("pictures"), "red", "--device", "cpu"],
      environment: environment)
    Thread.sleep(forTimeInterval: 1.5)
    run.interrupt()
    let outcome = try run.finish()
    // A machine fast enough is done by then.
    guard outcome.status != 0 else { return }
    if outcome.status == 130 {
      #expect(outcome.errors.contains("pictures to go; those done are kept"), "\(outcome)")
      let cache = folder.path("cache/tessera/pictures")
      #expect(try !FileManager.default.contentsOfDirectory(atPath: cache).isEmpty)
    } else {
      // Interrupted before it began to index.
      #expect(outcome.status == -SIGINT, "\(outcome)")
    }
  }
}
