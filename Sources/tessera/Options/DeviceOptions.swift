import ArgumentParser
import Execution

/// Which device to run on.
struct DeviceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "auto, cpu, gpu, opencl:N or N, or a part of a name; 'tessera devices' lists what there is.",
      valueName: "device"))
  var device = "auto"

  /// The option as it is given, after a space.
  var arguments: String { device == "auto" ? "" : " --device \(ShellWord.quoted(device))" }

  /// - Throws: ``ExecutionError`` listing what there is.
  var found: ComputeDevice {
    get throws { try ComputeDevice.named(device) }
  }
}
