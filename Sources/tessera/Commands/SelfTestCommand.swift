import ArgumentParser
import Execution
import Foundation
import Guidance

struct SelfTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Run every stage of the models on a device and compare with the CPU path.",
    discussion: """
      Tells a broken driver from a broken model: the CPU path needs no driver. Prints the largest \
      error of each stage over its largest value; the status is 1 if one is too large.

      Example: tessera selftest --device opencl:0
      """)

  @Option(
    help: ArgumentHelp(
      "gpu, opencl:N, or a part of a name; every device by default.", valueName: "device"))
  var device: String?

  @OptionGroup var generator: GeneratorOptions
  @OptionGroup var perceptor: PerceptorWeightsOptions

  func run() throws {
    let devices = try devices
    let models = try ModelFiles(generator: generator.path, perceptor: perceptor.path)
    let test = try SelfTest(models: models)
    guard !devices.isEmpty else {
      print("the stages ran on the CPU path, and there is no other device to hold against it")
      return
    }
    var failed: [String] = []
    for device in devices {
      print("\(device)")
      let stages = test.run(on: device) { print("  " + $0.line) }
      if !stages.allSatisfy(\.isPassed) { failed.append(device.id) }
    }
    guard failed.isEmpty else {
      StandardError.print("tessera: failed on \(failed.joined(separator: ", "))")
      throw ExitCode.failure
    }
  }

  /// Those to test; the CPU path is what they are tested against.
  private var devices: [ComputeDevice] {
    get throws {
      guard let device else {
        return ComputeDevice.all().filter { $0.id != ComputeDevice.cpu.id && $0.isUsable }
      }
      return [try ComputeDevice.named(device)]
    }
  }
}

extension SelfTest.Stage {
  fileprivate var line: String {
    let column = name + String(repeating: " ", count: max(1, 14 - name.count))
    let verdict = isPassed ? "passed" : "FAILED"
    if let failure { return "\(column)\(verdict)  \(failure)" }
    return "\(column)\(verdict)  error \(String(format: "%.1e", error)), "
      + "at most \(String(format: "%.0e", tolerance))"
  }
}
