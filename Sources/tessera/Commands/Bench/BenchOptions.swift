import ArgumentParser
import Benchmarking
import Execution
import Foundation
import Imaging
import TensorGraph

/// What to measure, where, and in what form to tell.
struct BenchOptions: ParsableArguments {
  /// OpenAI's perceptors whose size is known here.
  enum Perceptor: String, ExpressibleByArgument, CaseIterable {
    case vitB32 = "vit-b/32"
    case vitL14 = "vit-l/14"
  }

  @Option(
    help: ArgumentHelp(
      "The picture's side or WxH in pixels, multiples of 16.", valueName: "size"),
    transform: { try PictureSize(parsing: $0) })
  var size = PictureSize(width: 256, height: 256)

  @Option(help: "Pictures shown to the perceptor in a step, 1 to 1024.")
  var cutouts = 32

  @Option(help: "How weights and activations are stored; half on OpenCL devices only.")
  var precision = Precision.full

  @Option(help: "The perceptor's size.")
  var perceptor = Perceptor.vitB32

  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "A device as for 'tessera render', or 'all'; may be given several times. The default is "
        + "auto.", valueName: "device"))
  var names: [String] = []

  @Flag(help: "Print JSON, with device, date and command.")
  var json = false

  @Option(
    help: ArgumentHelp("Write a chart to this .svg file.", valueName: "file"), completion: .file())
  var chart: String?

  func validate() throws {
    guard (1...1024).contains(cutouts) else {
      throw ValidationError("\(cutouts) cutouts are out of range: choose 1 to 1024")
    }
    if let chart, !chart.lowercased().hasSuffix(".svg") {
      throw ValidationError("the chart is written as SVG: give '\(chart)' the ending .svg")
    }
  }

  var work: ReferenceStep {
    var step = ReferenceStep(width: size.width, height: size.height, cutouts: cutouts)
    if perceptor == .vitL14 { step.perceptor = .vitL14 }
    step.precision = precision
    return step
  }

  /// In the order of the command line, each once.
  /// - Throws: ``ExecutionError`` listing what there is.
  var devices: [ComputeDevice] {
    get throws {
      var found: [ComputeDevice] = []
      for name in names.isEmpty ? ["auto"] : names {
        let named =
          name == "all" ? ComputeDevice.all().filter(\.isUsable) : [try ComputeDevice.named(name)]
        for device in named where !found.contains(where: { $0.id == device.id }) {
          found.append(device)
        }
      }
      return found
    }
  }

  /// Tells on a terminal what is being done, in one line that the next overwrites.
  func report(_ text: String) {
    if StandardError.isTerminal { StandardError.print("\r\u{1B}[K\(text)", terminator: "") }
  }

  /// Prints the results and writes the chart.
  func publish(_ results: some Encodable, text: String, chart bars: BarChart) throws {
    report("")
    if let chart { try AtomicFile.write(Data(bars.svg.utf8), to: chart) }
    guard json else { return print(text) }
    let command = (["tessera"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    let record = BenchmarkRecord(results, of: work, command: command, version: Tessera.version)
    print(try JSON.text(record, formatting: .prettyPrinted))
  }
}
