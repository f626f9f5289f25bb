import ArgumentParser
import Foundation
import Training

/// What every training takes.
struct TrainingOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Pictures to learn from.", valueName: "data"))
  var data: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The run's folder, which is made.", valueName: "run"),
    completion: .directory)
  var output: String

  @Option(help: ArgumentHelp("Side of the pictures in pixels.", valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "Pictures of a step. (default: the model's, or less for a small folder)", valueName: "count"))
  var batch: Int?

  @Option(help: ArgumentHelp("Steps of the training.", valueName: "count"))
  var steps: Int?

  @Option(help: ArgumentHelp("Highest learning rate.", valueName: "rate"))
  var rate: Float?

  @Option(help: ArgumentHelp("Seed of all that is drawn.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Pictures to measure on, which the model never learns from. (default: a twentieth of the data)",
      valueName: "data"))
  var heldOut: String?

  @Option(
    help: ArgumentHelp(
      "A model to begin with: its weights, but not its optimizer's state.",
      valueName: "model.safetensors"),
    completion: .file(extensions: ["safetensors"]))
  var from: String?

  @OptionGroup var pace: PaceOptions
  @OptionGroup var device: DeviceOptions
  @OptionGroup var memory: MemoryOptions

  func apply(
    _ size: inout Int, _ batch: inout Int, _ steps: inout Int, _ rate: inout Float,
    _ seed: inout UInt64
  ) throws {
    size = self.size ?? size
    batch = try self.batch ?? fitting(batch)
    steps = self.steps ?? steps
    rate = self.rate ?? rate
    seed = self.seed ?? seed
  }

  func run(_ model: RunConfiguration.Model, vocabulary: VocabularyOptions? = nil) throws {
    let configuration = RunConfiguration(
      model: model, data: Self.absolute(data), heldOut: heldOut.map(Self.absolute),
      from: from.map { URL(fileURLWithPath: $0).path },
      merges: vocabulary?.merges.map { URL(fileURLWithPath: $0).path })
    let device = memory.limit(try device.found)
    try TrainingSession(pace: pace).run {
      try TrainingRun(output, configuration, on: device)
    }
  }

  /// `batch`, or for a folder with fewer than two of them the largest power of two that is at most half of
  /// its pictures.
  private func fitting(_ batch: Int) throws -> Int {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: data, isDirectory: &isFolder), isFolder.boolValue,
      let count = try TrainingData(data).count, count < 2 * batch
    else { return batch }
    var fitting = 1
    while fitting <= count / 4 { fitting *= 2 }
    return fitting
  }

  /// A run goes on from any working folder.
  private static func absolute(_ data: String) -> String {
    data.hasPrefix("pipe:") ? data : URL(fileURLWithPath: data).path
  }
}

/// The words that a model of captions knows.
struct VocabularyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Entries of the vocabulary that is learned from the captions.", valueName: "count"))
  var vocabulary: Int?

  @Option(
    help: ArgumentHelp(
      "The merges.txt of a vocabulary to take instead, such as another run's.", valueName: "file"),
    completion: .file())
  var merges: String?
}

/// How long training goes on, and what it tells.
struct PaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Stop after so many minutes; 'tessera train resume' goes on.", valueName: "minutes"))
  var minutes: Double?

  @Option(help: ArgumentHelp("Minutes between two checkpoints.", valueName: "minutes"))
  var saveEvery = 5.0

  @Option(help: ArgumentHelp("Steps between two lines of the log.", valueName: "count"))
  var logEvery = 50

  @Flag(name: .shortAndLong, help: "Print warnings and errors only.")
  var quiet = false

  func validate() throws {
    guard saveEvery > 0, logEvery > 0, minutes.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--minutes, --save-every and --log-every must be above 0")
    }
  }

  var pace: TrainingRun.Pace {
    var pace = TrainingRun.Pace()
    pace.limit = minutes.map { $0 * 60 }
    pace.checkpoint = saveEvery * 60
    pace.log = logEvery
    // A terminal's line is overwritten; a file keeps every one.
    if !StandardError.isTerminal { pace.report = .infinity }
    return pace
  }
}
