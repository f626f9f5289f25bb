import ArgumentParser
import Benchmarking
import Execution
import Foundation
import Guidance
import Imaging

/// Where to measure, and in what form to tell.
struct BenchOptions: ParsableArguments {
  @OptionGroup var workOptions: WorkOptions

  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "A device as for 'tessera render', or 'all'; may be given several times. The default is "
        + "auto.", valueName: "device"))
  var names: [String] = []

  @Flag(help: "Print JSON, with device, date and command.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write a chart to this file, .svg or .png.", valueName: "file"), completion: .file(),
    transform: chartFile)
  var chart: ChartFile?

  private static func chartFile(_ path: String) throws -> ChartFile {
    guard let file = ChartFile(path) else {
      throw ValidationError("charts are SVG or PNG: give '\(path)' the ending .svg or .png")
    }
    return file
  }

  var work: ReferenceStep { workOptions.step }

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

  /// Prints the results and writes the chart.
  func publish(
    _ results: some Encodable, of work: any StepWork, text: String, chart bars: BarChart
  ) throws {
    StandardError.showProgress("")
    try chart?.write(bars)
    guard json else { return print(text) }
    let command = (["tessera"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    let record = BenchmarkRecord(results, of: work, command: command, version: Release.version)
    print(try JSON.text(record, formatting: .prettyPrinted))
  }
}
