import ArgumentParser
import Benchmarking
import Imaging
import Training

struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Time a step of a render or a training, by stage and by op, with its memory.",
    discussion: "Example: tessera bench step --device cpu --device opencl:0 --chart step.svg")

  @OptionGroup var options: BenchOptions

  @OptionGroup var memory: MemoryOptions

  /// What a step does.
  enum Work: String, ExpressibleByArgument, CaseIterable {
    case render
    case trainVQGAN = "train-vqgan"
    case trainCLIP = "train-clip"
    case trainTransformer = "train-transformer"
    case sample
  }

  @Option(
    help: """
      What a step does: a step of a render or a training, or one code of a codebook transformer \
      (sample); models of a training have sizes of their own (docs/training.md).
      """)
  var work = Work.render

  @Option(help: "Pictures of a training's step, or that are sampled at once.")
  var batch: Int?

  @Option(help: "Timed steps of each device, 1 to 1000; devices take turns.")
  var steps = 3

  func validate() throws {
    guard (1...1000).contains(steps) else {
      throw ValidationError("\(steps) steps are out of range: choose 1 to 1000")
    }
  }

  private var step: any StepWork {
    switch work {
    case .render: return options.work
    case .trainVQGAN:
      var settings = TrainingStep.referenceVQGAN
      settings.batch = batch ?? settings.batch
      return TrainingStep.vqgan(settings)
    case .trainCLIP:
      var settings = TrainingStep.referenceCLIP
      settings.batch = batch ?? settings.batch
      return TrainingStep.clip(settings)
    case .trainTransformer:
      var settings = TrainingStep.referenceTransformer
      settings.batch = batch ?? settings.batch
      return TrainingStep.transformer(settings)
    case .sample:
      var step = SamplingStep()
      step.batch = batch ?? step.batch
      return step
    }
  }

  func run() throws {
    try options.chart?.checkWritable()
    let benchmark = StepBenchmark(step, steps: steps)
    let results = try benchmark.run(
      on: options.devices.map(memory.limit), report: StandardError.showProgress)
    let report = StepReport(results, of: step)
    try options.publish(results, of: step, text: report.text, chart: report.chart)
  }
}
