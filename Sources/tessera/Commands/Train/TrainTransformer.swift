import ArgumentParser
import Foundation
import Models
import Training
import Weights

struct TrainTransformer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transformer",
    abstract: "Train a codebook transformer, which paints pictures of words from a VQGAN's codes.",
    discussion: """
      Each picture becomes codes of the VQGAN; the transformer learns which code follows which, behind \
      the picture's caption. 'tessera imagine' paints with it.

      Example: tessera train transformer photos/ --vqgan runs/codec/model.safetensors -o runs/painter
      """)

  @OptionGroup var options: TrainingOptions

  @Option(help: GeneratorOptions.help, completion: .file())
  var vqgan: String

  @Option(
    help: ArgumentHelp(
      "Sizes of the model: \(TransformerSettings.presets.map { "\($0.name) (\($0.summary))" }.joined(separator: ", ")).",
      valueName: "name"))
  var preset = TransformerSettings.presets[0].name

  @Option(help: ArgumentHelp("Width of the transformer, a multiple of 64.", valueName: "width"))
  var width: Int?

  @Option(help: ArgumentHelp("Layers of the transformer.", valueName: "count"))
  var layers: Int?

  @Option(help: "What stands in front of the codes: words (the caption) or none.")
  var condition = CodebookTransformerConfiguration.Condition.words

  @Option(help: ArgumentHelp("Tokens of a caption; longer ones are cut.", valueName: "count"))
  var captionLength: Int?

  @OptionGroup var words: VocabularyOptions

  @Option(
    help: ArgumentHelp(
      "Pictures that are encoded; then training goes on with their codes.", valueName: "count"))
  var encoded: Int?

  @Option(
    help: ArgumentHelp(
      "Share of the codes that are shown as they are, the others at random.", valueName: "share"))
  var pkeep: Float?

  func run() throws {
    guard let preset = TransformerSettings.presets.first(where: { $0.name == self.preset }) else {
      throw ValidationError(
        "there is no preset '\(self.preset)'; choose one of "
          + TransformerSettings.presets.map(\.name).joined(separator: ", "))
    }
    var settings = TransformerSettings()
    let path = try WeightLibrary.path(of: vqgan, kind: .vqgan)
    settings.vqgan = URL(fileURLWithPath: path).path
    settings.size = try VQGANCheckpoint(path: path).configuration.resolution
    settings.width = width ?? preset.width
    settings.layers = layers ?? preset.layers
    settings.condition = condition
    settings.captionLength = captionLength ?? settings.captionLength
    settings.vocabulary = words.vocabulary ?? settings.vocabulary
    settings.encoded = encoded ?? settings.encoded
    settings.kept = pkeep ?? settings.kept
    try options.apply(
      &settings.size, &settings.batch, &settings.steps, &settings.rate, &settings.seed)
    try options.run(.transformer(settings), vocabulary: words)
  }
}

extension CodebookTransformerConfiguration.Condition: ExpressibleByArgument {}
