import ArgumentParser
import Imaging
import Inference

struct ReconstructCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract: "Show what the generator's codes keep of a picture.",
    discussion: "Example: tessera vqgan reconstruct house.png -o again.png")

  @Argument(help: ArgumentHelp("The picture (PNG, JPEG).", valueName: "in"), completion: .file())
  var input: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The PNG file to write.", valueName: "file"), completion: .file())
  var output: String

  @OptionGroup var generator: GeneratorOptions
  @OptionGroup var device: DeviceOptions

  func run() throws {
    try PictureFile.check(output, reading: try generator.files + [input])
    let picture = try Image(contentsOf: input)
    let model = try PictureCodec(generator.path, device: device.found)
    let reconstruction = try model.decode(model.encode(picture))
    try PictureFile.write(reconstruction, to: output)
    let difference = zip(picture.pixels, reconstruction.pixels).reduce(0.0) {
      $0 + Double(abs($1.0 - $1.1))
    } / Double(picture.pixels.count)
    PictureFile.report(
      "\(output): \(picture.width)x\(picture.height) pixels, "
        + "mean difference \((difference * 255).formatted(decimals: 2)) of 255", of: output)
  }
}
