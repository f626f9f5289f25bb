import Execution
import Foundation
import TensorGraph
import Testing

@Suite struct ComputeDeviceTests {
  private static let host = ComputeDevice(
    id: "cpu", name: "Vendor CPU 9000", platform: "CPU path", kind: .cpu, memory: 64 << 30,
    sharesHostMemory: true)

  private static func device(
    _ index: Int, _ name: String, _ platform: String, _ kind: ComputeDevice.Kind, gibibytes: Int,
    shared: Bool = false, usable: Bool = true
  ) -> ComputeDevice {
    ComputeDevice(
      id: "opencl:\(index)", name: name, platform: platform, version: "OpenCL 3.0 \(platform)",
      kind: kind, memory: gibibytes << 30, sharesHostMemory: shared, isUsable: usable)
  }

  /// One of everything: a CPU driver, two discrete GPUs, one in the processor, one too old.
  private static let workstation = DeviceInventory(devices: [
    host,
    device(0, "pthread-Vendor CPU 9000", "PoCL", .cpu, gibibytes: 64, shared: true),
    device(1, "Iris", "Intel Graphics", .gpu, gibibytes: 48, shared: true),
    device(2, "GeForce 10", "NVIDIA CUDA", .gpu, gibibytes: 8),
    device(3, "GeForce 30", "NVIDIA CUDA", .gpu, gibibytes: 24),
    device(4, "Ancient", "Museum", .gpu, gibibytes: 99, usable: false),
  ])

  @Test(arguments: [
    ("auto", "opencl:3"), ("gpu", "opencl:3"), ("GPU", "opencl:3"), ("cpu", "cpu"), ("CPU", "cpu"),
    ("opencl:0", "opencl:0"), ("3", "opencl:3"), ("0", "opencl:0"), ("OpenCL:2", "opencl:2"), ("pocl", "opencl:0"), ("iris", "opencl:1"),
    ("geforce 3", "opencl:3"), (" intel ", "opencl:1"), ("museum", "opencl:4"),
  ])
  func names(text: String, id: String) throws {
    #expect(try Self.workstation.named(text).id == id)
  }

  /// A processor's name stands for the OpenCL driver of it, never for the CPU path, which has its
  /// own word.
  @Test func theProcessorsNameIsNotTheCPUPath() throws {
    #expect(try Self.workstation.named("cpu 9000").id == "opencl:0")
  }

  @Test(arguments: ["opencl:5", "opencl:", "opencl:-1", "opencl:0x", "", " ", "10", "30", "radeon"])
  func unknown(text: String) throws {
    let error = #expect(throws: ExecutionError.self) { try Self.workstation.named(text) }
    guard case .unknownDevice(text, let known) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(known.count == 6 && known[0].hasPrefix("cpu ") && known[4].hasPrefix("opencl:3 "))
  }

  @Test func ambiguous() {
    let error = #expect(throws: ExecutionError.self) { try Self.workstation.named("nvidia") }
    #expect(
      error?.description == "'nvidia' fits more than one device; choose one of: "
        + "opencl:2 (GeForce 10, NVIDIA CUDA), opencl:3 (GeForce 30, NVIDIA CUDA)")
  }

  @Test func withoutAGPU() {
    let inventory = DeviceInventory(devices: Array(Self.workstation.devices.prefix(2)))
    #expect(inventory.automatic.device.id == "cpu")
    #expect(inventory.automatic.reason.contains("no OpenCL driver offers a GPU"))
    #expect(throws: ExecutionError.self) { try inventory.named("gpu") }
  }

  @Test func aGPUInTheProcessorIsBetterThanNone() {
    let inventory = DeviceInventory(devices: Array(Self.workstation.devices.prefix(3)))
    #expect(inventory.automatic.device.id == "opencl:1")
    #expect(inventory.automatic.reason == "it is the GPU")
  }

  @Test func everyDeviceOfThisMachineComputes() throws {
    let graph = Graph()
    let x = graph.input("x", [3])
    graph.output("y", x * x)
    let devices = ComputeDevice.all()
    #expect(devices.first?.id == "cpu")
    #expect(Set(devices.map(\.id)).count == devices.count)
    for device in devices {
      #expect(try ComputeDevice.named(device.id).name == device.name)
      #expect(device.memory > 0 && device.computeUnits > 0 && !device.name.isEmpty)
      let executable = try device.compile(graph)
      try executable.write("x", [1, 2, 3])
      try executable.step()
      #expect(try executable.read("y") == [1, 4, 9], "\(device)")
    }
  }

  @Test func withoutDriversThereIsTheCPUPath() async {
    await #expect(processExitsWith: .success) {
      unsetenv("OCL_ICD_FILENAMES")
      setenv("OCL_ICD_VENDORS", "/nonexistent", 1)
      let ids = ComputeDevice.all().map(\.id)
      let automatic = try ComputeDevice.named("auto").id
      exit(ids == ["cpu"] && automatic == "cpu" ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }
}
