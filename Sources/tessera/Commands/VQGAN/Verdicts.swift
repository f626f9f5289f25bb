import ArgumentParser
import Foundation
import Imaging
import Inference

struct VerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdicts",
    abstract: "Show what a discriminator says of each patch of a picture.",
    discussion: """
      The sheet shows the picture, the verdicts over it (green: passes for real, red: does not), and \
      their means on a grid of 4x4, which is printed too.

      Example: tessera vqgan verdicts house.png --discriminator runs/photos -o map.png
      """)

  @Argument(help: ArgumentHelp("The picture (PNG, JPEG).", valueName: "in"), completion: .file())
  var input: String

  @Option(
    help: ArgumentHelp(
      "The folder of a VQGAN's training run, or its discriminator.safetensors.", valueName: "run"),
    completion: .file())
  var discriminator: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The PNG file to write.", valueName: "file"), completion: .file())
  var output: String

  @OptionGroup var device: DeviceOptions

  func run() throws {
    try PictureFile.check(output, reading: [input, discriminator] + ["discriminator.safetensors", "run.json"].map {
        URL(fileURLWithPath: discriminator).appendingPathComponent($0).path
      })
    let picture = try Image(contentsOf: input)
    let verdicts = try PatchVerdicts(path: discriminator, device: device.found)
    let map = try verdicts(picture)
    let grid = map.pooled(4)
    let sheet = Image.contactSheet(
      [picture, picture.overlaid(with: map), picture.overlaid(with: grid)], columns: 3, gap: 4)
    try PictureFile.write(sheet, to: output)
    for row in 0..<grid.rows {
      print(
        grid.values[row * grid.columns..<(row + 1) * grid.columns].map {
          String(format: "%7.3f", $0)
        }.joined(separator: " "))
    }
    let field = verdicts.configuration.receptiveField
    print(
      "\(output): \(map.rows)x\(map.columns) verdicts on patches of \(field)x\(field) pixels; "
        + "above 0 passes for real")
  }
}
