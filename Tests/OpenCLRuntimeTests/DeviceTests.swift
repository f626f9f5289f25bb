import Foundation
import OpenCLRuntime
import Testing

struct DeviceTests {
  @Test(arguments: everyDevice)
  func `A device describes itself`(device: Device) {
    #expect(!device.name.isEmpty)
    #expect(!device.driverVersion.isEmpty)
    #expect(device.version.hasPrefix("OpenCL "))
    #expect(device.openCLCVersion.hasPrefix("OpenCL C "))
    #expect(device.conformance >= (1, 2))
    #expect(device.kind != .other)
    #expect(device.computeUnits > 0)
    #expect(device.maxAllocation > 0 && device.maxAllocation <= device.globalMemory)
    #expect(device.localMemory >= 32 << 10, "OpenCL 1.2 guarantees 32 KiB")
    #expect(device.maxWorkItemSizes.count == 3)
    #expect(device.maxWorkGroupSize >= device.maxWorkItemSizes.min()!)
    #expect(device.subBufferAlignment.nonzeroBitCount == 1)
    #expect(device.nativeVectorWidths.float > 0)
    #expect(device.extensions.allSatisfy { $0.hasPrefix("cl_") })
    #expect((device.computeCapability != nil) == device.vendor.contains("NVIDIA"))
  }

  @Test(arguments: everyDevice)
  func `A device equals itself when found again`(device: Device) throws {
    #expect(try Device.all().filter { $0 == device }.count == 1)
  }

  @Test func `A machine without OpenCL drivers has no platforms and no devices`() async {
    await #expect(processExitsWith: .success) {
      unsetenv("OCL_ICD_FILENAMES")
      setenv("OCL_ICD_VENDORS", "/nonexistent", 1)
      let platforms = try Platform.all()
      let devices = try Device.all()
      exit(platforms.isEmpty && devices.isEmpty ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }
}
