import ArgumentParser
import Benchmarking
import Imaging

struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Time a step of a render, by stage and by op, with its memory.",
    discussion: "Example: tessera bench step --device cpu --device opencl:0 --chart step.svg")

  @OptionGroup var options: BenchOptions

  @OptionGroup var memory: MemoryOptions

  @Option(help: "Timed steps of each device, 1 to 1000; devices take turns.")
  var steps = 3

  func validate() throws {
    guard (1...1000).contains(steps) else {
      throw ValidationError("\(steps) steps are out of range: choose 1 to 1000")
    }
  }

  func run() throws {
    try options.chart?.checkWritable()
    let benchmark = StepBenchmark(options.work, steps: steps)
    let results = try benchmark.run(
      on: options.devices.map(memory.limit), report: StandardError.showProgress)
    let report = StepReport(results, of: options.work)
    try options.publish(results, text: report.text, chart: report.chart)
  }
}
