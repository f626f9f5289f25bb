import COpenCL

/// What went wrong between Tessera and an OpenCL driver.
package enum OpenCLError: Error, Equatable, Sendable {
  /// An OpenCL call returned an error; `details` says in words what it was asked to do.
  case callFailed(call: String, status: Int32, details: String)
  /// The device's compiler refused a program; `log` is what it printed.
  case buildFailed(program: String, options: String, device: String, status: Int32, log: String)
  /// The request cannot be met by the device and was not passed to the driver.
  case invalidRequest(String)

  /// The driver's status as the specification spells it (`CL_OUT_OF_RESOURCES`), if it gave one.
  package var statusName: String? {
    switch self {
    case .callFailed(_, let status, _), .buildFailed(_, _, _, let status, _):
      String(cString: tessera_cl_status_name(status))
    case .invalidRequest:
      nil
    }
  }
}

extension OpenCLError {
  /// Whether the device, or the host on its behalf, has too little memory left.
  package var isShortageOfMemory: Bool {
    guard case .callFailed(_, let status, _) = self else { return false }
    return [CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY]
      .contains(status)
  }
}

extension OpenCLError: CustomStringConvertible {
  package var description: String {
    let name = statusName ?? ""
    switch self {
    case .callFailed(let call, let status, let details):
      return "\(call) failed with \(name) (\(status)): \(details)"
    case .buildFailed(let program, let options, let device, let status, let log):
      let options = options.isEmpty ? "no options" : "options '\(options)'"
      return """
        program '\(program)' does not build for \(device) with \(options): \(name) (\(status))
        \(log.isEmpty ? "(the compiler left no log)" : log)
        """
    case .invalidRequest(let message):
      return message
    }
  }
}

/// Throws unless `status` is `CL_SUCCESS`; `details` is only put into words on failure.
func check(
  _ status: Int32, _ call: StaticString, _ details: @autoclosure () -> String
) throws(OpenCLError) {
  guard status == CL_SUCCESS else {
    throw .callFailed(call: "\(call)", status: status, details: details())
  }
}

/// The object a `clCreate…` call returned, or its status as an error.
func created(
  _ object: OpaquePointer?, _ status: Int32, _ call: StaticString,
  _ details: @autoclosure () -> String
) throws(OpenCLError) -> OpaquePointer {
  try check(status, call, details())
  guard let object else {
    throw .callFailed(call: "\(call)", status: CL_INVALID_VALUE, details: details())
  }
  return object
}
