import Execution
import Foundation
import Guidance
import Imaging
import Testing
import TestSupport

/// `tessera info`, `render --like` and `--json`.
@Suite struct RecordTests {
  private let folder = try! TemporaryFolder()

  private func arguments(_ name: String = "a.png", starts: Int = 1) -> [String] {
    [
      "render", "a red house on green", "-o", folder.path(name), "--size", "32", "--steps", "3",
      "--cutouts", "2", "--starts", "\(starts)",
    ]
  }

  private func like(_ more: [String] = [], device: String = "cpu") throws -> Outcome {
    try tessera(
      ["render", "--like", folder.path("a.png"), "-o", folder.path("b.png"), "--device", device] + more)
  }

  /// With every generator and optimizer, a picture as a prompt and a start: the file comes out again.
  @Test(arguments: ComputeDevice.all())
  func likeMakesTheSameFile(device: ComputeDevice) throws {
    let red = Image(width: 40, height: 30, color: SIMD3(0.9, 0.1, 0.1))
    try PNG.write(red, to: folder.path("red.png"))
    for options in [
      ["--seed", "7", "--total-variation", "2", "--optimizer", "adamw"],
      ["--image-prompt", "\(folder.path("red.png")):0.5"], ["--generator", "pixels"],
      ["--generator", "fft", "--init-image", folder.path("red.png"), "--init-weight", "0.5"],
    ] {
      let first = try tessera(arguments() + options + ["--device", device.id])
      try #require(first.status == 0, "\(first)")
      let again = try like(device: device.id)
      #expect(again.status == 0, "\(again)")
      #expect(try folder.bytes("a.png") == folder.bytes("b.png"), "\(options) on \(device)")
    }
  }

  @Test func optionsChangeWhatIsRepeated() throws {
    try #require(try tessera(arguments(starts: 2) + ["--device", "cpu"]).status == 0)
    let outcome = try like(["--seed", "5", "--steps", "2", "a blue boat:0.5"])
    #expect(outcome.status == 0, "\(outcome)")
    let request = try RenderRecord(ofPicture: folder.path("b.png")).request
    #expect(request.seed == 5 && request.steps == 2 && request.starts == 2)
    #expect(request.prompts.map(\.description) == ["a blue boat:0.5"] && request.width == 32)
  }

  /// Files are told by their bytes: a model of the same name that is another is refused.
  @Test func anotherModelIsRefusedByName() throws {
    let starter = URL(fileURLWithPath: repositoryFile("weights/starter"))
    for name in ["vqgan.safetensors", "vqgan.yaml"] {
      try FileManager.default.copyItem(
        atPath: starter.appendingPathComponent(name).path, toPath: folder.path(name))
    }
    let own = ["--vqgan", folder.path("vqgan.safetensors"), "--device", "cpu"]
    try #require(try tessera(arguments() + own).status == 0)
    #expect(try like().status == 0)
    let yaml = try folder.text("vqgan.yaml") + "\n# changed\n"
    try folder.write(Data(yaml.utf8), as: "vqgan.yaml")
    // The starter's, of the same name and bytes, serves.
    #expect(try like().status == 0)
    let changed = try tessera(arguments() + own)
    try #require(changed.status == 0, "\(changed)")
    try folder.write(Data((yaml + "# again\n").utf8), as: "vqgan.yaml")
    let outcome = try like()
    #expect(outcome.status == 1 && outcome.errors.contains("vqgan.yaml is missing or not"), "\(outcome)")
    let named = try like(own)
    #expect(named.status == 0, "\(named)")
  }

  @Test func infoTellsHowAPictureWasPainted() throws {
    let options = ["--total-variation", "0.5", "--optimizer", "adamw", "fog:-0.5", "--device", "cpu"]
    try #require(try tessera(arguments() + options).status == 0)
    let outcome = try tessera(["info", folder.path("a.png")])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    for part in [
      "32x32, 3 steps, Tessera", "a red house on green", "fog:-0.5", "vqgan.safetensors",
      "adamw, learning rate 0.15", "total-variation", "cpu (",
    ] { #expect(outcome.output.contains(part), "\(part): \(outcome)") }
    let json = try tessera(["info", folder.path("a.png"), "--json"])
    let record = try JSONDecoder().decode(RenderRecord.self, from: Data(json.output.utf8))
    #expect(record.terms.map(\.name) == ["clip", "total-variation"])

    let folderless = try tessera(["info", folder.path("none.png")])
    #expect(folderless.status == 1 && folderless.errors.contains("none.png"))
  }

  /// The picture that is repeated is read, so it is not written to; what it says is data.
  @Test func recordsFromElsewhereDoNoHarm() throws {
    let escape = ["render", "a \u{1B}[31mred\u{7} house", "-o", folder.path("a.png")]
      + Array(arguments().dropFirst(4))
    try #require(try tessera(escape + ["--device", "cpu"]).status == 0)
    let outcome = try tessera(["info", folder.path("a.png")])
    #expect(outcome.status == 0 && !outcome.output.contains("\u{1B}"), "\(outcome)")
    let before = try folder.bytes("a.png")
    let over = try tessera([
      "render", "--like", folder.path("a.png"), "--seed", "9", "-o", folder.path("a.png"),
    ])
    #expect(over.status == 1 && over.errors.contains("is also what is read"), "\(over)")
    #expect(try folder.bytes("a.png") == before)
    let missing = try like(["--clip", "nope.pt"])
    #expect(missing.status == 1 && missing.errors.contains("nope.pt: cannot be read"), "\(missing)")
    let weight = try like(["--init-weight", "1"])
    #expect(weight.errors.contains("--init-weight is for --init-image"), "\(weight)")
  }

  @Test func jsonIsTheRecord() throws {
    let outcome = try tessera(arguments() + ["--json", "--device", "cpu", "--total-variation", "1"])
    try #require(outcome.status == 0, "\(outcome)")
    let record = try JSONDecoder().decode(RenderRecord.self, from: Data(outcome.output.utf8))
    #expect(record.terms.count == 2 && record.stepsDone == 3)
    #expect(outcome.errors.contains("step 3/3  loss ") && outcome.errors.contains("total-variation"))
  }

  @Test func unknownNamesAreListed() throws {
    for (option, known) in [("--generator", "vqgan, pixels, fft"), ("--optimizer", "adam, adamw")] {
      let outcome = try tessera(arguments() + [option, "none"])
      #expect(outcome.status == 64 && outcome.errors.contains("choose \(known)"), "\(outcome)")
    }
  }
}
