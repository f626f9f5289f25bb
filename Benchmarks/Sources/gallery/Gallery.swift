import ArgumentParser
import Execution
import Foundation
import Imaging

/// Paints the ten prompts of the starter pair, one after the other, and compares the losses with
/// the reference's.
@main
struct Gallery: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Paint the starter pair's ten prompts and compare them with the reference.",
    discussion: """
      Run from the repository's root. The contact sheet shows the first seed. Sheet and record \
      are written anew after every picture, so an interrupted run leaves what it has.

      Example: gallery --device cpu --sheet out/starter.png --results out
      """)

  @Option(help: "The device, as 'tessera render' takes it.")
  var device = "auto"

  @Option(help: "Paint every prompt with this many seeds: 0, 1, …")
  var seeds: UInt64 = 1

  @Option(help: ArgumentHelp("The contact sheet to write, a PNG file.", valueName: "file"))
  var sheet: String?

  @Option(
    help: ArgumentHelp("Where to write the record, starter-<device>.json.", valueName: "folder"))
  var results: String?

  func validate() throws {
    if seeds < 1 { throw ValidationError("--seeds is 0: it must be at least 1") }
    var isFolder: ObjCBool = false
    let folders = [
      results, sheet.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path },
    ]
    for folder in folders.compactMap({ $0 }) {
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
        isFolder.boolValue
      else { throw ValidationError("there is no folder \(folder): make it first") }
    }
  }

  func run() throws {
    let (begun, version) = (Date(), Record.commit)
    let device = try ComputeDevice.named(device)
    try Self.show(
      "\(device)\n\n"
        + Self.line("prompt", "seed", "loss", "settled", "reference", "seconds"))
    var entries: [Record.Entry] = []
    var images: [Image] = []
    for seed in 0..<seeds {
      for reference in Reference.all {
        Self.progress("painting \(reference.prompt), seed \(seed)")
        let painting = try Painting(reference.prompt, seed: seed, device: device)
        let entry = Record.Entry(
          prompt: reference.prompt, seed: seed, loss: painting.loss.rounded(decimals: 4),
          settledLoss: painting.settledLoss.rounded(decimals: 4), referenceLoss: reference.loss,
          seconds: painting.seconds.rounded(decimals: 1))
        entries.append(entry)
        if seed == 0 { images.append(painting.image) }
        try Self.show(Self.line(entry))
        try save(Record(entries, device: device, begun: begun, version: version), device)
        if seed == 0 { try save(images) }
      }
    }
    try Self.show(Self.line(Record(entries, device: device, begun: begun, version: version)))
  }

  private func save(_ record: Record, _ device: ComputeDevice) throws {
    guard let results else { return }
    try record.json().write(to: URL(fileURLWithPath: "\(results)/starter-\(device.label).json"))
  }

  /// Writes the sheet, every picture at twice its size.
  private func save(_ images: [Image]) throws {
    guard let sheet else { return }
    let enlarged = images.map { $0.resized(width: 2 * $0.width, height: 2 * $0.height) }
    try PNG.write(Image.contactSheet(enlarged, columns: 5, gap: 0), to: sheet)
  }

  /// Prints a line at once, also into a pipe, so that an interrupted run leaves what it has.
  private static func show(_ line: String) throws {
    try FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
  }

  private static func progress(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("gallery: \(text)\n".utf8))
  }

  private static func line(_ entry: Record.Entry) -> String {
    line(
      entry.prompt, "\(entry.seed)", entry.loss.formatted(decimals: 3),
      entry.settledLoss.formatted(decimals: 3), entry.referenceLoss.formatted(decimals: 3),
      entry.seconds.formatted(decimals: 1))
  }

  private static func line(_ record: Record) -> String {
    line(
      "mean; seconds of all", "", record.meanLoss.formatted(decimals: 3),
      record.meanSettledLoss.formatted(decimals: 3),
      record.meanReferenceLoss.formatted(decimals: 3), record.seconds.formatted(decimals: 1))
  }

  /// The prompt at the left, figures at the right of their columns.
  private static func line(_ prompt: String, _ figures: String...) -> String {
    let width = Reference.all.map(\.prompt.count).max()!
    func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
    return prompt + spaces(width - prompt.count)
      + figures.map { spaces(11 - $0.count) + $0 }.joined()
  }
}

extension ComputeDevice {
  /// Its part of a record's name: `cpu`, `pocl`, or the device's own name.
  fileprivate var label: String {
    if id == "cpu" { return id }
    if platform == "Portable Computing Language" { return "pocl" }
    return name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
  }
}
