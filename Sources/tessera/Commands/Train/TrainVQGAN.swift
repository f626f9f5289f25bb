import ArgumentParser
import Models
import Training

struct TrainVQGAN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vqgan",
    abstract: "Train a VQGAN with a discriminator that judges patches.",
    discussion: """
      DATA is a folder of pictures, WebDataset tars (shards-{000..011}.tar) or 'pipe:COMMAND', a \
      program that writes such a tar to its standard output.

      Example: tessera train vqgan photos/ -o runs/photos --size 64 --steps 10000
      """)

  @OptionGroup var options: TrainingOptions

  @Option(
    help: ArgumentHelp(
      "Sizes of the model: \(VQGANSettings.presets.map { "\($0.name) (\($0.summary))" }.joined(separator: ", ")).",
      valueName: "name"))
  var preset = VQGANSettings.presets[0].name

  @Option(
    help: ArgumentHelp(
      "Sizes of the model from a configuration of taming-transformers.", valueName: "file.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(help: ArgumentHelp("Codes of the codebook.", valueName: "count"))
  var codes: Int?

  @Option(
    help: ArgumentHelp(
      "Step from which on the discriminator counts; 0 leaves it out. (default: half of the steps)",
      valueName: "step"))
  var adversarialStart: Int?

  @Option(
    help: ArgumentHelp(
      "Weight of the perceptual distance beside the pixels' difference; 0 leaves it out.",
      valueName: "weight"))
  var perceptual: Float?

  @Option(
    help: ArgumentHelp(
      "How the codebook learns: average (running means of what chose a code) or gradient. (default: "
        + "average)", valueName: "way"))
  var codebook: VQGANSettings.Codebook?

  @Flag(
    help: "Train as taming-transformers does where it differs: losses, order of steps, rate.")
  var asOriginal = false

  func settings() throws -> VQGANSettings {
    guard let preset = VQGANSettings.presets.first(where: { $0.name == self.preset }) else {
      throw ValidationError(
        "there is no preset '\(self.preset)'; choose one of "
          + VQGANSettings.presets.map(\.name).joined(separator: ", "))
    }
    var settings = preset.settings
    if let config { settings.takeSizes(of: try VQGANConfiguration(yaml: config)) }
    settings.perceptualWeight = perceptual ?? settings.perceptualWeight
    if let codes { settings.codes = codes }
    try options.apply(
      &settings.size, &settings.batch, &settings.steps, &settings.rate, &settings.seed)
    if asOriginal { settings.followOriginal() }
    settings.codebook = codebook ?? settings.codebook
    settings.rate = options.rate ?? settings.rate
    settings.adversarialStart = adversarialStart ?? settings.steps / 2
    return settings
  }

  func run() throws {
    try options.run(.vqgan(settings()))
  }
}

extension VQGANSettings.Codebook: ExpressibleByArgument {}
