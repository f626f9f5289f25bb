import COneDNN
import Foundation
import OpenCLRuntime
import TensorGraph

/// A device that graphs are compiled for: the CPU path, which is always there, or a device of an
/// OpenCL driver.
///
/// ```swift
/// let device = try ComputeDevice.named("auto")
/// let executable = try device.compile(graph)
/// ```
public struct ComputeDevice: Sendable {
  public enum Kind: String, Sendable { case cpu, gpu, accelerator, other }

  /// `cpu`, or `opencl:` and the place in the drivers' order, which is the same in every run as
  /// long as the same drivers are installed.
  public let id: String
  public let name: String
  /// What drives it: the OpenCL platform, or oneDNN.
  public let platform: String
  public let vendor: String
  /// What the platform conforms to, such as `OpenCL 3.0 PoCL`; the library of the CPU path.
  public let version: String
  /// The driver's version.
  public let driver: String
  public let kind: Kind
  /// Compute units as OpenCL counts them; cores on the CPU path.
  public let computeUnits: Int
  /// In bytes.
  public let memory: Int
  /// Whether its memory is the host's.
  public let sharesHostMemory: Bool
  /// Whether its driver has at least OpenCL 1.2, which the kernels need.
  public let isUsable: Bool

  /// Whether its kernels store halves where a graph asks for it; the CPU path stores all in full.
  public var storesHalves: Bool { device != nil }

  /// Most bytes that a plan may take; nil leaves it to ``availableMemory``.
  public var memoryLimit: Int?

  /// What chooses kernels and their settings, in place of the tunings that are installed.
  package var tuning: [Tuning]?

  /// The largest single allocation that plans count on, in place of what the driver says: for plans
  /// that are not run, since PoCL's answer depends on the memory that it finds at the moment.
  package var plannedAllocation: Int?

  /// What runs the graphs; nil for the CPU path.
  let device: Device?

  /// A description of a device; without `device` behind it, graphs run on the CPU path.
  package init(
    id: String, name: String, platform: String, vendor: String = "", version: String = "",
    driver: String = "", kind: Kind, computeUnits: Int = 1, memory: Int, sharesHostMemory: Bool,
    isUsable: Bool = true, device: Device? = nil
  ) {
    self.id = id
    self.name = name
    self.platform = platform
    self.vendor = vendor
    self.version = version
    self.driver = driver
    self.kind = kind
    self.computeUnits = computeUnits
    self.memory = memory
    self.sharesHostMemory = sharesHostMemory
    self.isUsable = isUsable
    self.device = device
  }

  /// What `graph` runs on this device, in no more than ``availableMemory``: where it is short,
  /// values are computed again rather than kept. Nothing is allocated or built yet.
  /// - Throws: ``ExecutionError/outOfMemory(device:needed:available:)`` if it does not fit.
  public func plan(_ graph: Graph) throws -> Plan {
    guard let device else { return try CPUExecutable.plan(graph, memory: availableMemory) }
    return try OpenCLExecutable.plan(
      graph, on: device, memory: availableMemory, allocation: plannedAllocation,
      tuning: tuning ?? InstalledTunings.of(device))
  }

  /// Compiles a plan that this device made: allocates its memory, uploads its constants, builds its
  /// kernels. What other programs have read and packed already is shared with them.
  /// - Parameter variables: those to share with other programs; nil shares none.
  /// - Throws: ``ExecutionError`` if the device cannot run the graph, or the driver's error.
  public func compile(_ plan: Plan, variables: VariableStore? = nil) throws -> any Executable {
    let room = availableMemory - plan.totalBytes
    guard let device else { return try CPUExecutable(plan, variables: variables, room: room) }
    return try OpenCLExecutable(plan, on: device, variables: variables, room: room)
  }

  /// Plans and compiles `graph`.
  public func compile(_ graph: Graph) throws -> any Executable { try compile(plan(graph)) }
}

extension ComputeDevice {
  /// Bytes that a plan may take: ``memoryLimit``; without one, what the device has, of which a
  /// sixteenth is left to its driver and display; and where that is the host's memory, no more than
  /// is free there now, or held by leases that make room for a plan.
  public var availableMemory: Int {
    if let memoryLimit { return memoryLimit }
    guard sharesHostMemory else { return memory - memory / 16 }
    guard let free = HostMemory.available else { return memory }
    return min(memory, free + leasedBytes)
  }

  /// The host's cores without OpenCL. Asking for it loads no driver.
  public static var cpu: ComputeDevice {
    let version = tessera_dnn_version()
    return ComputeDevice(
      id: "cpu", name: processorName ?? "host CPU", platform: "CPU path",
      version: "oneDNN \(version / 100).\(version % 100)", kind: .cpu,
      computeUnits: ProcessInfo.processInfo.activeProcessorCount,
      memory: Int(clamping: ProcessInfo.processInfo.physicalMemory), sharesHostMemory: true)
  }

  /// What kernels need to know of the device; nil for the CPU path, which has none.
  package var traits: DeviceTraits? { device.map { DeviceTraits($0) } }

  /// File that holds the tuning made on this machine; nil for the CPU path, which has nothing to
  /// tune, and without a home directory.
  package var tuningFile: URL? { device.flatMap { InstalledTunings.ownFile(of: $0) } }

  /// The CPU path, then every OpenCL device there is. Drivers that fail are left out; see
  /// ``DeviceInventory/failures``.
  public static func all() -> [ComputeDevice] { DeviceInventory.found().devices }

  /// A GPU if there is one, else the CPU path; see ``DeviceInventory/automatic``.
  public static var automatic: ComputeDevice { DeviceInventory.found().automatic.device }

  /// The device that `text` stands for; see ``DeviceInventory/named(_:)``.
  ///
  /// `cpu` is answered without looking for OpenCL drivers, so a broken one is no obstacle.
  /// - Throws: ``ExecutionError/unknownDevice(name:known:)`` or
  ///   ``ExecutionError/ambiguousDevice(name:matches:)``.
  public static func named(_ text: String) throws(ExecutionError) -> ComputeDevice {
    text.lowercased() == "cpu" ? cpu : try DeviceInventory.found().named(text)
  }

  init(_ device: Device, index: Int) {
    self.init(
      id: "opencl:\(index)", name: device.name, platform: device.platform.name,
      vendor: device.vendor, version: device.version, driver: device.driverVersion,
      kind: Kind(rawValue: device.kind.rawValue) ?? .other, computeUnits: device.computeUnits,
      memory: device.globalMemory, sharesHostMemory: device.sharesHostMemory,
      isUsable: device.conformance >= (1, 2), device: device)
  }

  /// As Linux tells it; some virtual machines and architectures have none.
  private static var processorName: String? {
    SystemFile.value("model name", in: "/proc/cpuinfo")
  }
}

extension ComputeDevice: CustomStringConvertible {
  public var description: String { "\(id) (\(name), \(platform))" }
}
