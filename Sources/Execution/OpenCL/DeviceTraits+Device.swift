import OpenCLRuntime
import TensorGraph

extension Device {
  /// The widest vectors of the host's processor, by the name of its flag; nil if it is not known. A
  /// CPU device compiles for these.
  var widestVectors: String? {
    func fact(_ name: String) -> String? { SystemFile.value(name, in: "/proc/cpuinfo") }
    let flags = Set((fact("flags") ?? fact("Features") ?? "").split(separator: " "))
    return ["avx512f", "avx2", "asimd"].first { flags.contains(Substring($0)) }
  }
}

extension DeviceTraits {
  /// What kernels need to know of an OpenCL device.
  package init(_ device: Device) {
    self.init(
      deviceClass: device.kind == .cpu ? .cpu : .gpu, computeUnits: device.computeUnits,
      maxWorkGroupSize: device.maxWorkGroupSize, localMemoryBytes: device.localMemory,
      maxAllocationBytes: device.maxAllocation, alignment: device.subBufferAlignment,
      registerFloats: device.kind == .cpu && device.widestVectors != "avx512f" ? 128 : 512)
  }
}
