import ArgumentParser
import Execution

/// How much memory to take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most memory to take, as 8GB or 6.5GiB; what does not fit is computed again when it is "
        + "needed. The default is what the device has, or what is free of the host's.",
      valueName: "size"),
    transform: { try MemorySize(parsing: $0) })
  var memory: MemorySize?

  /// The option as it is given, after a space.
  var arguments: String { memory.map { " --memory \($0)" } ?? "" }

  /// `device`, limited to that.
  func limit(_ device: ComputeDevice) -> ComputeDevice {
    var device = device
    device.memoryLimit = memory?.bytes
    return device
  }
}
