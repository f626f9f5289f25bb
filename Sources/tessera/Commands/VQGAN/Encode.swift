import ArgumentParser
import Imaging
import Inference
import Support

struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Turn a picture into the generator's codes.",
    discussion: """
      The file is safetensors: 'codes', int32 [rows,columns], with the model and the picture's \
      size in its metadata.

      Example: tessera vqgan encode house.png -o house.safetensors
      """)

  @Argument(help: ArgumentHelp("The picture (PNG, JPEG).", valueName: "in"), completion: .file())
  var input: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The safetensors file to write.", valueName: "file"), completion: .file())
  var output: String

  @OptionGroup var generator: GeneratorOptions
  @OptionGroup var device: DeviceOptions

  func run() throws {
    try AtomicFile.checkWritable(output, reading: generator.files + [input])
    let picture = try Image(contentsOf: input)
    let grid = try PictureCodec(generator.path, device: device.found).encode(picture)
    try grid.write(to: output)
    PictureFile.report(
      "\(output): \(grid.rows)x\(grid.columns) codes of \(grid.codebookCount) for "
        + "\(grid.width)x\(grid.height) pixels, \(Set(grid.codes).count) of them different", of: output)
  }
}
