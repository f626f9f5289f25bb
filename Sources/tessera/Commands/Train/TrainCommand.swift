import ArgumentParser
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a generator, a perceptor or a codebook transformer on pictures of your own.",
    discussion: """
      A run is a folder: its settings, a log, curves, sheets of samples, a checkpoint every few \
      minutes, and the model as it stands, which other commands read.

      Example: tessera train vqgan photos/ -o runs/photos
      """,
    subcommands: [TrainVQGAN.self, TrainCLIP.self, TrainTransformer.self, TrainResume.self])
}

struct TrainResume: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a run from its last checkpoint.",
    discussion: """
      On the same device, with the same data, the model becomes the same, byte for byte, as without \
      the interruption.

      Example: tessera train resume runs/photos
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"), completion: .directory)
  var folder: String

  @OptionGroup var pace: PaceOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var memory: MemoryOptions

  func run() throws {
    let device = memory.limit(try device.found)
    try TrainingSession(pace: pace).run {
      try TrainingRun(resuming: folder, on: device)
    }
  }
}
