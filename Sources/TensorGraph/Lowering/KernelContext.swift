/// Types and device that a kernel variant is chosen and planned for.
public struct KernelContext: Sendable {
  public let inputs: [TensorType]
  public let output: TensorType
  public let device: DeviceTraits
  /// Values of the variant's tunables; it chooses those that are missing itself.
  public var settings: [String: Int]

  public init(
    inputs: [TensorType], output: TensorType, device: DeviceTraits, settings: [String: Int] = [:]
  ) {
    self.inputs = inputs
    self.output = output
    self.device = device
    self.settings = settings
  }
}

extension KernelContext {
  /// Work-group size for kernels with one work-item an element.
  package var flatLocal: Int { min(device.maxWorkGroupSize, device.deviceClass == .gpu ? 128 : 64) }

  /// A kernel whose work-items take `RUN` each of `count` elements: on a CPU `length`, which follow
  /// each other, on a GPU one.
  func runs(
    _ kernel: String, of length: Int, count: Int, arguments: [KernelArgument]
  ) -> KernelLaunch {
    let run = device.deviceClass == .cpu ? length : 1
    return KernelLaunch(
      kernel, defines: ["RUN": run], arguments: arguments, global: [(count + run - 1) / run],
      local: [run > 1 ? 1 : flatLocal])
  }

  /// Work-group size for kernels where a work-group shares a row through local memory: a power of
  /// two no larger than the row needs. A CPU walks the row in one work-item.
  package func rowLocal(_ length: Int) -> Int {
    guard device.deviceClass == .gpu else { return 1 }
    var size = 32
    while size * 2 <= min(256, device.maxWorkGroupSize), size < length { size *= 2 }
    return size
  }
}
