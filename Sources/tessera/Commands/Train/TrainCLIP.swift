import ArgumentParser
import Training

struct TrainCLIP: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip",
    abstract: "Train a CLIP on pictures and their captions.",
    discussion: """
      Captions are lines of captions.jsonl in the folder ("file" and "caption", "captions" or \
      "name"), or a .txt beside each picture. The vocabulary is learned from them.

      Example: tessera train clip photos/ -o runs/words --steps 2000
      """)

  @OptionGroup var options: TrainingOptions

  @Option(help: ArgumentHelp("Width of both transformers, a multiple of 64.", valueName: "width"))
  var width: Int?

  @Option(help: ArgumentHelp("Layers of the picture's transformer.", valueName: "count"))
  var layers: Int?

  @Option(help: ArgumentHelp("Layers of the text's transformer.", valueName: "count"))
  var textLayers: Int?

  @Option(help: ArgumentHelp("Side of a patch in pixels.", valueName: "pixels"))
  var patch: Int?

  @OptionGroup var words: VocabularyOptions

  @Option(
    help: ArgumentHelp(
      "Parts that the pairs of a step are run through the model in: a batch that is too large for "
        + "the memory is trained on all the same.", valueName: "count"))
  var accumulate: Int?

  @Option(
    help: ArgumentHelp(
      "Train on pictures that are changed by up to RADIUS (of 0...1) where it hurts most, found in "
        + "STEPS steps, as a last stage with --from: such a perceptor rewards shapes, not noise.",
      valueName: "radius:steps"),
    transform: adversary)
  var adversarial: CLIPSettings.Adversary?

  private static func adversary(_ text: String) throws -> CLIPSettings.Adversary {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let radius = Float(parts[0]), let steps = Int(parts[1]) else {
      throw ValidationError("'\(text)' is no RADIUS:STEPS, such as 0.03:2")
    }
    return CLIPSettings.Adversary(radius: radius, steps: steps)
  }

  func run() throws {
    var settings = CLIPSettings()
    if let width { (settings.imageWidth, settings.textWidth) = (width, width) }
    settings.imageLayers = layers ?? settings.imageLayers
    settings.textLayers = textLayers ?? settings.textLayers
    settings.patch = patch ?? settings.patch
    settings.vocabulary = words.vocabulary ?? settings.vocabulary
    settings.parts = accumulate ?? settings.parts
    settings.adversary = adversarial
    try options.apply(
      &settings.size, &settings.batch, &settings.steps, &settings.rate, &settings.seed)
    try options.run(.clip(settings), vocabulary: words)
  }
}
