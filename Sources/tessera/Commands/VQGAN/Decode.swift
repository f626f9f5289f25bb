import ArgumentParser
import Imaging
import Inference

struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Turn the generator's codes into a picture.",
    discussion: "Example: tessera vqgan decode house.safetensors -o again.png")

  @Argument(
    help: ArgumentHelp("Codes, as 'tessera vqgan encode' writes them.", valueName: "codes"),
    completion: .file())
  var input: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The PNG file to write.", valueName: "file"), completion: .file())
  var output: String

  @OptionGroup var generator: GeneratorOptions
  @OptionGroup var device: DeviceOptions

  func run() throws {
    try PictureFile.check(output, reading: try generator.files + [input])
    let grid = try CodeGrid(contentsOf: input)
    let model = try PictureCodec(generator.path, device: device.found)
    if !grid.model.isEmpty, grid.model != model.name {
      StandardError.print("tessera: \(input) has codes of \(grid.model), not of \(model.name)")
    }
    try PictureFile.write(model.decode(grid, name: input), to: output)
    PictureFile.report(
      "\(output): \(grid.width)x\(grid.height) pixels of \(grid.rows)x\(grid.columns) codes", of: output)
  }
}
