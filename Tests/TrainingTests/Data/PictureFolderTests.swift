import Foundation
import Testing
import Training

struct PictureFolderTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func open() throws -> TrainingData { try TrainingData(folder.path) }

  @Test func orderIsThatOfThePaths() throws {
    for (number, name) in ["b/2.png", "a.PNG", "b/10.png", "a/z.jpeg", ".hidden/x.png", ".y.png"]
      .enumerated()
    {
      try folder.write(png(number), name)
    }
    try folder.write("no picture", "notes.md")
    let data = try open()
    #expect(data.count == 4)
    #expect(numbers(try data.sample(9, size: 4)) == [1, 3, 2, 0])
    #expect(!data.hasCaptions)
    #expect(data.description == "\(folder.path): 4 pictures, no captions")
  }

  @Test func linksThatLeadBackEnd() throws {
    try folder.write(png(1), "inner/a.png")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/inner/up", withDestinationPath: folder.path)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/nowhere.png", withDestinationPath: folder.path + "/none")
    #expect(try open().count == 1)
  }

  @Test func captionsOfAllKinds() throws {
    for number in 0..<6 { try folder.write(png(number), "p/\(number).png") }
    try folder.write(
      """
      {"file": "p/0.png", "caption": " a cat ", "name": "unused", "head": 3}
      {"file": "./p/1.png", "captions": ["one", "", "two"], "caption": "unused"}

      {"file": "p/2.png", "name": "a water buffalo"}
      {"file": "p/0.png", "caption": "another"}
      {"file": "p/5.png", "caption": ""}
      """, "captions.jsonl")
    try folder.write("first\r\n\n  second  \n", "p/3.txt")
    try folder.write("not read", "p/0.txt")
    let data = try open()
    #expect(
      try data.captions(ofFirst: 9, seed: 0)
        == ["a cat", "another", "one", "two", "a water buffalo", "first", "second"])
    #expect(
      try data.sample(9, size: 2).captions
        == ["a cat", "one", "a water buffalo", "first", "", ""])
    #expect(data.hasCaptions)
    #expect(data.description.hasSuffix("6 pictures, 4 with captions"))
  }

  @Test(arguments: [
    (#"{"file": "a.png", "caption": 3}"#, "line 2: “caption” is not of the type expected"),
    (#"{"caption": "a"}"#, "line 2: it has no file"),
    (#"{"file": "a.png", "head": "cat"}"#, "line 2: it has no captions, caption or name"),
    (#"{"file": "a.png", "#, "line 2: it is no JSON object"),
    (#"["a.png"]"#, "line 2: it is no JSON object"),
    (String(repeating: "[", count: 100_000), "line 2: it is no JSON object"),
    (String(repeating: "a", count: 1 << 20) + "b", "line 2: it is longer than 1 MB"),
  ])
  func badLines(_ line: String, _ expected: String) throws {
    try folder.write(png(1), "a.png")
    try folder.write(#"{"file": "a.png", "caption": "x"}"# + "\n" + line, "captions.jsonl")
    #expect(message { _ = try open() }.contains("captions.jsonl, " + expected))
  }

  @Test func missingFilesAreCounted() throws {
    try folder.write(png(1), "a.png")
    let files = ["a.png", "c.png", "b.png", "../a.png", "e.webp", "/etc/passwd"]
    try folder.write(
      files.map { #"{"file": "\#($0)", "caption": "x"}"# + "\n" }.joined(), "captions.jsonl")
    #expect(
      message { _ = try open() }.contains(
        "names 5 of 6 files that are not there or no .png, .jpg or .jpeg (../a.png, /etc/passwd, "
          + "b.png, …)"))
  }

  @Test func emptyFoldersAndWrongNames() throws {
    #expect(message { _ = try open() }.contains("has no pictures"))
    #expect(message { _ = try TrainingData(folder.path + "/none") }.contains("no such file"))
    #expect(message { _ = try TrainingData("pipe: ") }.contains("it has no command"))
  }

  @Test func captionsAreRequired() throws {
    try folder.writePictures(4)
    var data = try open()
    #expect(
      message { try data.requireCaptions() }.contains(
        "4 of 4 pictures have no caption (000.png, 001.png, 002.png, …)"))
    for number in 0..<4 { try folder.write(number == 2 ? "\n" : "c", "00\(number).txt") }
    data = try open()
    try data.requireCaptions()
    // An empty caption file is known when it is read.
    let loader = try BatchLoader(data, size: 8, batch: 2, seed: 1, crop: .center)
    for _ in 0..<4 { #expect(!numbers(try loader.next()).contains(2)) }
    #expect(loader.skipped == [SkippedPicture(name: "002.png", reason: "it has no caption")])
  }

  @Test func splitsAreDisjointAndKept() throws {
    try folder.writePictures(20)
    let data = try open()
    let (training, heldOut) = try data.split(holding: 5, seed: 3)
    let parts = try (training.sample(99, size: 2), heldOut.sample(99, size: 2))
    #expect(numbers(parts.1).count == 5)
    #expect((numbers(parts.0) + numbers(parts.1)).sorted() == Array(0..<20))
    let again = try [3, 4].map { try data.split(holding: 5, seed: $0).heldOut.sample(9, size: 2) }
    #expect(numbers(again[0]) == numbers(parts.1))
    #expect(numbers(again[1]) != numbers(parts.1))
    #expect(training.fingerprint != heldOut.fingerprint)
    #expect(message { _ = try data.split(holding: 20, seed: 1) }.contains("leave none"))
    #expect(
      message { _ = try TrainingData("pipe:true").split(holding: 2, seed: 1) }.contains("no end"))
  }

  @Test func fingerprintsChangeWithTheData() throws {
    try folder.writePictures(3)
    let before = try open().fingerprint
    #expect(try open().fingerprint == before)
    try folder.write(png(9, width: 900), "001.png")
    #expect(try open().fingerprint != before)
  }
}
