import OpenCLRuntime
import TensorGraph

extension DeviceTraits {
  /// What kernels need to know of an OpenCL device.
  package init(_ device: Device) {
    self.init(
      deviceClass: device.kind == .cpu ? .cpu : .gpu, computeUnits: device.computeUnits,
      maxWorkGroupSize: device.maxWorkGroupSize, localMemoryBytes: device.localMemory,
      maxAllocationBytes: device.maxAllocation, alignment: device.subBufferAlignment,
      registerFloats: device.kind == .cpu && SystemFile.widestVectors != "avx512f" ? 128 : 512,
      vendor: device.vendor)
  }
}
