import ArgumentParser
import Execution
import Foundation
import Guidance
import Imaging
import Support

struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Paint a picture of one or more prompts.",
    discussion: """
      Small pictures are begun from several random codes first, and the best is enlarged and \
      painted on. The picture is written when all steps are done. Ctrl-C ends the render early, \
      writes the picture as it stands and, beside it, what 'tessera resume' needs to go on; a second \
      Ctrl-C gives up at once.

      Example: tessera render 'a red house on green' -o house.png
      """)

  private static let defaults = RenderSettings(prompts: [])

  @Argument(
    help: ArgumentHelp(
      "What to paint. Several prompts are painted together; 'a star:0.5' has half the weight. A text "
        + "that ends in a colon and a number needs its weight as well: 'ratio 16:9:1'.",
      valueName: "prompt"),
    transform: Prompt.init(parsing:))
  var prompts: [Prompt] = []

  @Option(
    help: ArgumentHelp(
      "A picture (PNG, JPEG) as a prompt, beside texts or instead; 'house.png:0.5' has half the "
        + "weight. May be given several times.", valueName: "file"),
    completion: .file(), transform: Prompt.init(parsing:))
  var imagePrompt: [Prompt] = []

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The PNG file to write.", valueName: "file"), completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Pixels: one number for a square, or width and height as 256x192. "
        + "(default: \(PictureSize(width: defaults.width, height: defaults.height)))"),
    transform: PictureSize.init(parsing:))
  var size = PictureSize(width: defaults.width, height: defaults.height)

  @Option(help: "Optimisation steps.")
  var steps = defaults.steps

  @Option(help: "What all random draws come from: same seed and device, same picture.")
  var seed = defaults.seed

  @OptionGroup var device: DeviceOptions
  @OptionGroup var memory: MemoryOptions

  @Option(help: "Cutouts the perceptor sees in each step.")
  var cutouts = defaults.cutouts.count

  @Option(help: "Random starts to choose from; 1 takes the first as it comes.")
  var starts = defaults.starts

  @Option(help: "How far the first step goes; the last goes an eighth of it.")
  var learningRate = defaults.learningRate

  @Option(
    help: ArgumentHelp(
      "How weights and activations are stored: full (fp32); half (fp16, half the memory; on OpenCL "
        + "devices); or auto, in full where that fits.", valueName: "auto|full|half"))
  var precision = PrecisionChoice.auto

  @Option(
    help: ArgumentHelp(
      "A picture (PNG, JPEG) to start from instead of random codes.", valueName: "file"),
    completion: .file())
  var initImage: String?

  @Option(
    help:
      "How strongly to stay near that picture, as in the notebooks: 0 leaves the latent free.")
  var initWeight = defaults.initialWeight

  @OptionGroup var saving: SavingOptions

  @OptionGroup var generator: GeneratorOptions
  @OptionGroup var perceptor: PerceptorOptions

  @Flag(
    help: ArgumentHelp(
      "Do not paint: tell what memory, work and time it would take. The device's speed is measured "
        + "for that, in a few seconds."))
  var plan = false

  @Flag(help: "Print the plan as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print warnings and errors only.")
  var quiet = false

  func validate() throws {
    var settings = settings
    // Their files are opened when the command runs.
    let anyPicture = Image(width: 1, height: 1, color: .zero)
    do {
      settings.picturePrompts = try imagePrompt.map {
        try PicturePrompt(anyPicture, name: $0.text, weight: $0.weight)
      }
      try settings.validate()
    } catch { throw ValidationError("\(error)") }
    if initWeight != 0 && initImage == nil {
      throw ValidationError("--init-weight is for --init-image: give both")
    }
    if output == nil && !plan {
      throw ValidationError("there is no file to write: name one with --output, or ask for --plan")
    }
    if json && !plan { throw ValidationError("--json is for --plan: give both") }
  }

  func run() throws {
    let device = memory.limit(try device.found)
    let models = try models
    var settings = settings
    settings.picturePrompts = try imagePrompt.map {
      try PicturePrompt(Image(contentsOf: $0.text), name: fileName($0.text), weight: $0.weight)
    }
    settings.initialImage = try initImage.map { try Image(contentsOf: $0) }
    guard let output, !plan else {
      let report = try PlanReport(settings, models: models, device: device)
      return print(try json ? JSON.text(report, formatting: .prettyPrinted) : report.text)
    }
    try PictureFile.check(output, reading: imagePrompt.map(\.text) + (initImage.map { [$0] } ?? []))
    let state = output + Painting.stateSuffix
    guard !FileManager.default.fileExists(atPath: state) else {
      throw FileError.unwritable(
        path: output,
        reason: "\(state) is what a render of it was left with: go on with 'tessera resume', remove "
          + "that file, or name another picture")
    }
    try AtomicFile.checkWritable(state)
    let frames = try saving.frames(goesOn: false)
    var progress = ProgressDisplay(total: steps, style: quiet ? .none : .standardError)
    defer { progress.finish() }
    progress.preparing(Self.preparation(on: device))
    let session = try RenderSession(settings, models: models, device: device) { start, loss in
      Interruption.prepare()
      progress.tried(start: start, of: starts, loss: loss)
      if Interruption.isRequested, start < starts {
        progress.finish()
        StandardError.print(
          "tessera: only \(start) of \(starts) starts were tried: the picture will be another than "
            + "without the interruption")
      }
      return !Interruption.isRequested
    }
    // Before, there is nothing to keep.
    Interruption.prepare()
    if (session.width, session.height) != (size.width, size.height) {
      progress.finish()
      StandardError.print(
        "tessera: \(size) is not a multiple of the generator's factor; "
          + "rendering \(session.width)x\(session.height)")
    }
    let painting = Painting(
      session: session,
      record: PictureRecord(
        session.settings, models: models, device: device, initialImage: initialImageName),
      output: output, saving: saving, frames: frames, isQuiet: quiet)
    try painting.run(&progress)
  }

  /// What is told until the first step is done.
  static func preparation(on device: ComputeDevice) -> String {
    "setting up \(device.id)"
      + (device.id == ComputeDevice.cpu.id ? "" : ", which compiles kernels the first time")
  }

  private var initialImageName: String? { initImage.map(fileName) }

  private func fileName(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

  /// As the command line has them, without the picture to start from.
  private var settings: RenderSettings {
    var settings = RenderSettings(prompts: prompts)
    settings.truncatesPrompts = perceptor.truncate
    settings.width = size.width
    settings.height = size.height
    settings.steps = steps
    settings.seed = seed
    settings.cutouts.count = cutouts
    settings.learningRate = learningRate
    settings.precision = precision.precision
    settings.starts = starts
    settings.initialWeight = initWeight
    return settings
  }

  private var models: ModelFiles {
    get throws {
      try ModelFiles(
        generator: generator.path, perceptor: perceptor.path, vocabulary: perceptor.vocabulary)
    }
  }
}
