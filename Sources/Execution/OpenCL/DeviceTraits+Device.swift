import OpenCLRuntime
import TensorGraph

extension DeviceTraits {
  /// What kernels need to know of an OpenCL device.
  package init(_ device: Device) {
    // Where a work-item has no vectors, neighbours are the lanes of one, as on a GPU: Mesa's llvmpipe.
    let hasVectors = device.nativeVectorWidths.float > 1
    self.init(
      deviceClass: device.kind == .cpu && hasVectors ? .cpu : .gpu,
      computeUnits: device.computeUnits,
      maxWorkGroupSize: device.maxWorkGroupSize, localMemoryBytes: device.localMemory,
      maxAllocationBytes: device.maxAllocation, alignment: device.subBufferAlignment,
      registerFloats: device.kind == .cpu && SystemFile.widestVectors != "avx512f" ? 128 : 512,
      vendor: device.vendor)
  }
}
