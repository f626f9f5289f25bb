import ArgumentParser
import Training

struct TrainCLIP: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip",
    abstract: "Train a CLIP on pictures and their captions.",
    discussion: """
      Captions are lines of captions.jsonl in the folder ("file" and "caption", "captions" or \
      "name"), or a .txt beside each picture. The vocabulary is learned from them.

      Example: tessera train clip photos/ -o runs/words --minutes 60
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

  @Option(help: ArgumentHelp("Entries of the vocabulary that is learned.", valueName: "count"))
  var vocabulary: Int?

  func run() throws {
    var settings = CLIPSettings()
    if let width { (settings.imageWidth, settings.textWidth) = (width, width) }
    settings.imageLayers = layers ?? settings.imageLayers
    settings.textLayers = textLayers ?? settings.textLayers
    settings.patch = patch ?? settings.patch
    settings.vocabulary = vocabulary ?? settings.vocabulary
    options.apply(&settings.size, &settings.batch, &settings.steps, &settings.rate, &settings.seed)
    try options.run(.clip(settings))
  }
}
