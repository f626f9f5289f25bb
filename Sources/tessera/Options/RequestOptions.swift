import ArgumentParser
import Guidance
import Imaging
import TensorGraph

/// Settings of a render. Options that are not given leave a request as it is, so that they can be
/// applied to a recorded one.
struct RequestOptions: ParsableArguments {
  private static let defaults = RenderRequest(prompts: [])

  @OptionGroup var prompts: PromptOptions

  @Option(
    help: ArgumentHelp(
      "Pixels: one number for a square, or width and height as 256x192. "
        + "(default: \(PictureSize(width: defaults.width, height: defaults.height)))"),
    transform: PictureSize.init(parsing:))
  var size: PictureSize?

  @Option(help: "Optimisation steps. (default: \(defaults.steps))")
  var steps: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of all random draws: same seed and device, same picture; 'random' draws one and prints "
        + "it. (default: 0)", valueName: "number"),
    transform: Seed.init(parsing:))
  var seed: Seed?

  @Option(
    help: ArgumentHelp(
      "What to begin from: prior (pictures that the codebook transformer paints of the words), codes "
        + "(random ones, tried on small pictures), or noise. (default: prior where there is a "
        + "transformer beside the VQGAN, else codes)",
      valueName: RenderRequest.Start.allCases.map(\.rawValue).joined(separator: "|")))
  var start: RenderRequest.Start?

  @Option(
    name: [.customLong("samples"), .customLong("starts")],
    help: "Starts to choose from; 1 takes the first as it comes. (default: \(defaults.starts))")
  var starts: Int?

  @Option(
    help: ArgumentHelp(
      "Rounds of --start prior: each after the first samples again around the best. "
        + "(default: \(defaults.rounds))", valueName: "count"))
  var rounds: Int?

  @Option(
    help: ArgumentHelp(
      "The codebook transformer of --start prior. (default: that beside the VQGAN)",
      valueName: "file"), completion: .file())
  var transformer: String?

  @Option(
    help: ArgumentHelp(
      "Optimizer. (default: \(defaults.optimizer))",
      valueName: Optimizers.known.map { $0.name }.joined(separator: "|")))
  var optimizer: String?

  @Option(
    help: "Learning rate of the first step; that of the last is an eighth. (default: 0.15)")
  var learningRate: Float?

  @Option(
    help: ArgumentHelp(
      "How weights and activations are stored: full (fp32); half (fp16, half the memory; on OpenCL "
        + "devices); or auto, in full where that fits. (default: auto)",
      valueName: "auto|full|half"))
  var precision: PrecisionChoice?

  @Option(
    help: ArgumentHelp(
      "A picture (PNG, JPEG) to start from instead of random parameters.", valueName: "file"),
    completion: .file())
  var initImage: String?

  @OptionGroup var growth: GrowthOptions
  @OptionGroup var cutouts: CutoutOptions
  @OptionGroup var losses: LossOptions
  @OptionGroup var models: RenderModelOptions

  /// Changes `request` where options are given.
  /// - Throws: ``GuidanceError`` for a prompt, ``LibraryError`` for a model that is not there.
  func apply(to request: inout RenderRequest) throws {
    if let seed { request.seed = seed.value }
    if prompts.areGiven {
      let reading = try prompts.read(seed: request.seed)
      (request.prompts, request.promptTemplates) = (reading.prompts, reading.templates)
    }
    if let size { (request.width, request.height) = (size.width, size.height) }
    if let steps { request.steps = steps }
    if let start { request.start = start }
    if let starts { request.starts = starts }
    if let rounds { request.rounds = rounds }
    if let optimizer { request.optimizer = optimizer }
    if let learningRate { request.learningRate = learningRate }
    if let precision { request.precision = precision.precision }
    if let initImage { request.initialImage = InputFile(initImage) }
    growth.apply(to: &request)
    cutouts.apply(to: &request)
    losses.apply(to: &request)
    try models.apply(to: &request)
    if let transformer {
      request.prior = RenderRequest.Prior(
        transformer: InputFile(transformer),
        vqgan: try request.withModels().generatorWeights ?? InputFile(ModelFiles.starter().generator))
    }
  }

  /// True if batches and precision must be decided anew: those of a recorded render
  /// belong to its size, models and cutouts.
  var changesPlan: Bool {
    size != nil || cutouts.areGiven || growth.areGiven || precision != nil || optimizer != nil || losses.areGiven
      || models.areGiven || prompts.areGiven
  }
}

extension RenderRequest.Start: ExpressibleByArgument {}
