import COpenCL

/// One installed OpenCL driver.
package final class Platform: Sendable {
  nonisolated(unsafe) let id: cl_platform_id
  package let name: String
  package let vendor: String
  /// `OpenCL <major>.<minor> <driver's own text>`.
  package let version: String

  private init(id: cl_platform_id) throws(OpenCLError) {
    let info = InfoQuery(call: "clGetPlatformInfo", of: "an OpenCL platform") {
      clGetPlatformInfo(id, $0, $1, $2, $3)
    }
    self.id = id
    name = try info.string(CL_PLATFORM_NAME)
    vendor = try info.string(CL_PLATFORM_VENDOR)
    version = try info.string(CL_PLATFORM_VERSION)
  }

  /// Every platform of this machine, in the loader's order; empty where none is installed.
  package static func all() throws(OpenCLError) -> [Platform] {
    var count: cl_uint = 0
    let status = clGetPlatformIDs(0, nil, &count)
    if status == CL_PLATFORM_NOT_FOUND_KHR { return [] }
    try check(status, "clGetPlatformIDs", "counting the platforms")
    if count == 0 { return [] }
    var ids = [cl_platform_id?](repeating: nil, count: Int(count))
    try check(clGetPlatformIDs(count, &ids, nil), "clGetPlatformIDs", "listing \(count) platforms")
    var platforms: [Platform] = []
    for case let id? in ids { platforms.append(try Platform(id: id)) }
    return platforms
  }

  /// Every device of this platform, in the driver's order; empty where it drives none.
  package func devices() throws(OpenCLError) -> [Device] {
    let type = cl_device_type(CL_DEVICE_TYPE_ALL)
    var count: cl_uint = 0
    let status = clGetDeviceIDs(id, type, 0, nil, &count)
    if status == CL_DEVICE_NOT_FOUND { return [] }
    try check(status, "clGetDeviceIDs", "counting the devices of \(name)")
    var ids = [cl_device_id?](repeating: nil, count: Int(count))
    try check(
      clGetDeviceIDs(id, type, count, &ids, nil), "clGetDeviceIDs",
      "listing the \(count) devices of \(name)")
    var devices: [Device] = []
    for case let id? in ids { devices.append(try Device(id: id, platform: self)) }
    return devices
  }
}
