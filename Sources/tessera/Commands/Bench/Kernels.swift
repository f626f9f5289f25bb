import ArgumentParser
import Benchmarking
import Imaging

struct BenchKernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time every distinct op of a step by itself, against the device's peaks.",
    discussion: """
      The peaks are measured in the same run. First comes what a step would gain most from.

      Example: tessera bench kernels --only conv2d --device opencl:0
      """)

  @OptionGroup var options: BenchOptions

  @Option(
    help: ArgumentHelp(
      "Only ops whose name contains this; may be given several times.", valueName: "name"))
  var only: [String] = []

  @Flag(
    help: "Ops without the pointwise programs that their kernels apply, as libraries compute them.")
  var bare = false

  @Option(help: "Rows of the table; JSON has all.")
  var top = 40

  @Option(help: "Seconds to repeat each op for, at least.")
  var duration = 0.2

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1") }
    guard duration >= 0, duration <= 3600 else {
      throw ValidationError("--duration must be 0 to 3600 seconds")
    }
  }

  func run() throws {
    try options.chart?.checkWritable()
    let benchmark = KernelBenchmark(
      options.work, only: only, isBare: bare, duration: duration)
    let results = try benchmark.run(on: options.devices, report: StandardError.showProgress)
    let report = KernelReport(results, limit: top)
    try options.publish(results, of: options.work, text: report.text, chart: report.chart)
  }
}
