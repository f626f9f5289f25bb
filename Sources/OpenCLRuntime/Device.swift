import COpenCL

/// One OpenCL device and what it says about itself, asked once.
package final class Device: Sendable {
  package enum Kind: String, Sendable {
    case cpu, gpu, accelerator, other
  }

  /// Vector widths of a device, in elements; 0 where it has no such type.
  package struct VectorWidths: Equatable, Sendable {
    package let int: Int
    package let half: Int
    package let float: Int
  }

  /// NVIDIA's name for a generation of its hardware: 8.6, 9.0.
  package struct ComputeCapability: Comparable, Sendable {
    package let major: Int
    package let minor: Int

    package init(major: Int, minor: Int) {
      self.major = major
      self.minor = minor
    }

    package static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  }

  nonisolated(unsafe) let id: cl_device_id
  package let platform: Platform

  package let name: String
  package let vendor: String
  /// `OpenCL <major>.<minor> <driver's own text>`.
  package let version: String
  package let driverVersion: String
  /// `OpenCL C <major>.<minor> <driver's own text>`.
  package let openCLCVersion: String
  package let kind: Kind

  package let computeUnits: Int
  /// In MHz, as the driver reports it.
  package let clockMegahertz: Int
  /// Bytes.
  package let globalMemory: Int
  /// Whether global memory is the host's memory.
  package let sharesHostMemory: Bool
  /// Largest single buffer, in bytes.
  package let maxAllocation: Int
  /// Local memory of a compute unit, in bytes.
  package let localMemory: Int
  /// Whether local memory is memory of its own; false on CPUs, where it is a part of the global.
  package let hasDedicatedLocalMemory: Bool
  /// Largest work-group, in work-items.
  package let maxWorkGroupSize: Int
  /// Largest work-group per dimension, in work-items.
  package let maxWorkItemSizes: [Int]
  /// What the offset of a sub-buffer must be a multiple of, in bytes.
  package let subBufferAlignment: Int
  package let preferredVectorWidths: VectorWidths
  package let nativeVectorWidths: VectorWidths
  package let extensions: Set<String>
  /// NVIDIA devices only.
  package let computeCapability: ComputeCapability?

  init(id: cl_device_id, platform: Platform) throws(OpenCLError) {
    let info = InfoQuery(call: "clGetDeviceInfo", of: "a device of \(platform.name)") {
      clGetDeviceInfo(id, $0, $1, $2, $3)
    }
    func count(_ parameter: Int32) throws(OpenCLError) -> Int {
      Int(try info.value(parameter, cl_uint(0)))
    }
    func bytes(_ parameter: Int32) throws(OpenCLError) -> Int {
      Int(clamping: try info.value(parameter, cl_ulong(0)))
    }

    self.id = id
    self.platform = platform
    name = try info.string(CL_DEVICE_NAME)
    vendor = try info.string(CL_DEVICE_VENDOR)
    version = try info.string(CL_DEVICE_VERSION)
    driverVersion = try info.string(CL_DRIVER_VERSION)
    openCLCVersion = try info.string(CL_DEVICE_OPENCL_C_VERSION)
    kind = Kind(type: try info.value(CL_DEVICE_TYPE, cl_device_type(0)))
    computeUnits = try count(CL_DEVICE_MAX_COMPUTE_UNITS)
    clockMegahertz = try count(CL_DEVICE_MAX_CLOCK_FREQUENCY)
    globalMemory = try bytes(CL_DEVICE_GLOBAL_MEM_SIZE)
    sharesHostMemory = try count(CL_DEVICE_HOST_UNIFIED_MEMORY) != 0
    maxAllocation = try bytes(CL_DEVICE_MAX_MEM_ALLOC_SIZE)
    localMemory = try bytes(CL_DEVICE_LOCAL_MEM_SIZE)
    hasDedicatedLocalMemory = try count(CL_DEVICE_LOCAL_MEM_TYPE) == Int(CL_LOCAL)
    maxWorkGroupSize = try info.value(CL_DEVICE_MAX_WORK_GROUP_SIZE, 0)
    maxWorkItemSizes = try info.list(CL_DEVICE_MAX_WORK_ITEM_SIZES, of: 0)
    subBufferAlignment = max(1, try count(CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8)
    preferredVectorWidths = VectorWidths(
      int: try count(CL_DEVICE_PREFERRED_VECTOR_WIDTH_INT),
      half: try count(CL_DEVICE_PREFERRED_VECTOR_WIDTH_HALF),
      float: try count(CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT))
    nativeVectorWidths = VectorWidths(
      int: try count(CL_DEVICE_NATIVE_VECTOR_WIDTH_INT),
      half: try count(CL_DEVICE_NATIVE_VECTOR_WIDTH_HALF),
      float: try count(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT))
    let extensions = Set(
      try info.string(CL_DEVICE_EXTENSIONS).split(separator: " ").map(String.init))
    self.extensions = extensions
    computeCapability =
      extensions.contains("cl_nv_device_attribute_query")
      ? ComputeCapability(
        major: try count(CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV),
        minor: try count(CL_DEVICE_COMPUTE_CAPABILITY_MINOR_NV))
      : nil
  }

  /// Every device of every platform; empty where no OpenCL driver is installed.
  package static func all() throws(OpenCLError) -> [Device] {
    var devices: [Device] = []
    for platform in try Platform.all() { devices += try platform.devices() }
    return devices
  }
}

extension Device {
  package var hasDouble: Bool { extensions.contains("cl_khr_fp64") }
  package var hasInt64Atomics: Bool { extensions.contains("cl_khr_int64_base_atomics") }
  package var hasSubgroups: Bool { extensions.contains("cl_khr_subgroups") }

  /// Major and minor version of OpenCL the device conforms to; (0, 0) if its text is malformed.
  package var conformance: (major: Int, minor: Int) {
    let words = version.split(separator: " ")
    let numbers = words.count > 1 ? words[1].split(separator: ".").compactMap { Int($0) } : []
    return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
  }
}

extension Device.Kind {
  init(type: cl_device_type) {
    func has(_ bit: Int32) -> Bool { type & cl_device_type(bit) != 0 }
    if has(CL_DEVICE_TYPE_GPU) {
      self = .gpu
    } else if has(CL_DEVICE_TYPE_CPU) {
      self = .cpu
    } else {
      self = has(CL_DEVICE_TYPE_ACCELERATOR) ? .accelerator : .other
    }
  }
}

extension Device: CustomStringConvertible {
  package var description: String { "\(name) (\(platform.name))" }
}

extension Device: Hashable {
  package static func == (a: Device, b: Device) -> Bool { a.id == b.id }
  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
