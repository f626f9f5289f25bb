import COpenCL

/// OpenCL C compiled for one device.
package final class Program: @unchecked Sendable {
  let id: cl_program
  package let context: Context
  /// What messages call this program: the kernel variant it was made for.
  package let label: String

  /// Compiles `source`, or loads what an earlier run compiled from the same text.
  ///
  /// - Parameters:
  ///   - source: the whole text. Files it includes through `-I` are not seen by the cache, so it
  ///     should have none.
  ///   - options: the compiler's options, `-DTILE=8 -cl-mad-enable`.
  ///   - cache: where compiled programs are kept; nil compiles always.
  /// - Throws: `OpenCLError.buildFailed` with the compiler's log.
  package init(
    source: String, options: String = "", label: String, context: Context,
    cache: ProgramCache?
  ) throws(OpenCLError) {
    let device = context.device
    self.context = context
    self.label = label
    let key = ProgramCache.Key(source: source, options: options, device: device)
    if let binary = cache?.load(key),
      let loaded = Self.load(binary, options: options, context: context)
    {
      id = loaded
      context.count(\.programsLoaded)
      return
    }
    var status: cl_int = 0
    let program = source.withCString { text in
      var text: UnsafePointer<CChar>? = text
      return clCreateProgramWithSource(context.id, 1, &text, nil, &status)
    }
    id = try created(program, status, "clCreateProgramWithSource", "program '\(label)'")
    status = Self.build(id, options: options, device: device)
    guard status == CL_SUCCESS else {
      throw .buildFailed(
        program: label, options: options, device: device.description, status: status,
        log: buildLog)
    }
    context.count(\.programsBuilt)
    if let cache, let binary { cache.store(binary, for: key) }
  }

  deinit { clReleaseProgram(id) }

  /// What the compiler printed; on success often empty, or warnings and register counts.
  package var buildLog: String {
    let info = InfoQuery(call: "clGetProgramBuildInfo", of: "program '\(label)'") {
      [id, device = context.device] in
      clGetProgramBuildInfo(id, device.id, $0, $1, $2, $3)
    }
    return (try? info.string(CL_PROGRAM_BUILD_LOG)) ?? ""
  }

  /// The compiled program in the driver's own format; nil if it does not give one out.
  private var binary: [UInt8]? {
    let info = InfoQuery(call: "clGetProgramInfo", of: "program '\(label)'") { [id] in
      clGetProgramInfo(id, $0, $1, $2, $3)
    }
    guard let size = try? info.value(CL_PROGRAM_BINARY_SIZES, 0), size > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: size)
    let status = bytes.withUnsafeMutableBufferPointer {
      var address = $0.baseAddress
      return clGetProgramInfo(
        id, cl_program_info(CL_PROGRAM_BINARIES), MemoryLayout.size(ofValue: address), &address,
        nil)
    }
    return status == CL_SUCCESS ? bytes : nil
  }

  private static func build(_ id: cl_program, options: String, device: Device) -> cl_int {
    var ids: [cl_device_id?] = [device.id]
    return clBuildProgram(id, 1, &ids, options, nil, nil)
  }

  /// Nil if the driver no longer takes the binary, which then is compiled anew.
  private static func load(
    _ binary: [UInt8], options: String, context: Context
  ) -> cl_program? {
    var ids: [cl_device_id?] = [context.device.id]
    var length = binary.count
    var (accepted, status): (cl_int, cl_int) = (0, 0)
    let program = binary.withUnsafeBufferPointer {
      var address = $0.baseAddress
      return clCreateProgramWithBinary(
        context.id, 1, &ids, &length, &address, &accepted, &status)
    }
    guard let program else { return nil }
    if status == CL_SUCCESS, accepted == CL_SUCCESS,
      build(program, options: options, device: context.device) == CL_SUCCESS
    {
      return program
    }
    clReleaseProgram(program)
    return nil
  }
}
