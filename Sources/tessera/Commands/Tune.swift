import ArgumentParser
import Benchmarking
import Execution
import Foundation
import Support
import TensorGraph

struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the fastest kernels and settings for a device; renders then use them.",
    discussion: """
      Every kernel of a render's step is timed with each of its settings, and every result is held \
      against the CPU path's. What was found is kept for this device as soon as it is known, so \
      Ctrl-C loses nothing and the same command goes on. Sizes close to those that were tuned use \
      the same settings. Renders of a seed may differ in their last bits from those before.

      Example: tessera tune --device gpu --precision half
      """)

  @OptionGroup var device: DeviceOptions

  @OptionGroup var work: WorkOptions

  @Option(
    help: ArgumentHelp(
      "Only ops whose name contains this; may be given several times.", valueName: "name"))
  var only: [String] = []

  @Flag(help: "Forget what was found before and begin anew.")
  var again = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this file; the default is where renders on this machine look.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?

  func run() throws {
    let device = try device.found
    let path = try output ?? Self.standardPath(of: device)
    let tuner = Tuner(work.step, only: only)
    var tuning = Tuning(device: "\(device.name), \(device.version), driver \(device.driver)")
    if !again, let data = FileManager.default.contents(atPath: path) {
      do {
        tuning = try JSONDecoder().decode(Tuning.self, from: data)
      } catch {
        throw ValidationError("\(path) is no tuning file; --again replaces it")
      }
    }
    try AtomicFile.checkWritable(path)
    Interruption.prepare()

    var (untuned, tuned) = (0.0, 0.0)
    try tuner.run(on: device, known: tuning, report: StandardError.showProgress) { outcome in
      StandardError.showProgress("")
      let entry = outcome.entry
      print(outcome.line)
      untuned += Double(outcome.count) * entry.untunedSeconds
      tuned += Double(outcome.count) * entry.seconds
      tuning.add(entry)
      try AtomicFile.write(Data(JSON.text(tuning, formatting: .prettyPrinted).utf8), to: path)
      return !Interruption.isRequested
    }
    StandardError.showProgress("")
    guard untuned > 0 else { return print("everything is tuned already; --again begins anew") }
    print(
      """
      these kernels take \(untuned.formatted(decimals: 3)) s of a step untuned, \
      \(tuned.formatted(decimals: 3)) s tuned; written to \(path)
      """)
  }

  private static func standardPath(of device: ComputeDevice) throws -> String {
    guard device.traits != nil else { throw BenchmarkError.nothingToTune("\(device)") }
    guard let file = device.tuningFile else {
      throw ValidationError("there is no home directory to keep the tuning in: name a file with -o")
    }
    let folder = file.deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return file.path
  }
}

extension Tuner.Outcome {
  /// What was computed, by what, and what that gains; and a line for each candidate that fell out.
  fileprivate var line: String {
    let work = entry.work
    let shapes = work.inputs.map(\.description).joined(separator: " ")
    let gain = entry.untunedSeconds / entry.seconds
    let head = "\(work.op) \(shapes): \(entry.choice), \(gain.formatted(decimals: 2))x, of \(tried)"
    return ([head] + rejected.map { "  rejected \($0.choice): \($0.reason)" })
      .joined(separator: "\n")
  }
}
