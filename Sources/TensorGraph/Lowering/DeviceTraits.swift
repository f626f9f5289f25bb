/// Properties of a device that kernels are chosen and shaped by; free of any OpenCL type, so that
/// selection is tested without a device.
public struct DeviceTraits: Hashable, Sendable {
  /// Kernels for GPUs use work-groups and local memory, those for CPUs a register block a work-item.
  public enum Class: String, Hashable, Sendable { case gpu, cpu }

  public var deviceClass: Class
  public var computeUnits: Int
  public var maxWorkGroupSize: Int
  public var localMemoryBytes: Int
  /// Largest single allocation in bytes: the most one arena may hold.
  public var maxAllocationBytes: Int
  /// Alignment of sub-buffers in bytes.
  public var alignment: Int
  /// Floats that the vector registers of a CPU's core hold: 512 with AVX-512, 128 with AVX2 or NEON.
  public var registerFloats: Int
  /// Maker of the device, as its driver spells it.
  public var vendor: String

  public init(
    deviceClass: Class, computeUnits: Int, maxWorkGroupSize: Int, localMemoryBytes: Int,
    maxAllocationBytes: Int, alignment: Int, registerFloats: Int = DeviceTraits.maxRegisterFloats,
    vendor: String = ""
  ) {
    self.deviceClass = deviceClass
    self.computeUnits = computeUnits
    self.maxWorkGroupSize = maxWorkGroupSize
    self.localMemoryBytes = localMemoryBytes
    self.maxAllocationBytes = maxAllocationBytes
    self.alignment = alignment
    self.registerFloats = registerFloats
    self.vendor = vendor
  }

  /// Register floats that kernels assume without a `REGISTER_FLOATS` definition.
  public static let maxRegisterFloats = 512
}
