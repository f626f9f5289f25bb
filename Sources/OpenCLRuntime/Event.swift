import COpenCL

/// The completion of one enqueued command.
package final class Event: @unchecked Sendable {
  /// When a command passed its stations, in nanoseconds of the device's clock.
  package struct Times: Equatable, Sendable {
    package let queued: UInt64
    package let submitted: UInt64
    package let started: UInt64
    package let ended: UInt64

    /// From start to end, in seconds.
    package var duration: Double { Double(ended - min(started, ended)) * 1e-9 }
  }

  private let id: cl_event

  /// Takes over the caller's reference.
  init(_ id: cl_event) { self.id = id }

  deinit { clReleaseEvent(id) }

  /// Waits until the command has run.
  ///
  /// - Throws: if it failed on the device, with the status it ended with.
  package func wait() throws(OpenCLError) {
    var waited: [cl_event?] = [id]
    let status = clWaitForEvents(1, &waited)
    guard status != CL_SUCCESS else { return }
    var outcome: cl_int = 0
    _ = clGetEventInfo(
      id, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), MemoryLayout<cl_int>.size, &outcome,
      nil)
    throw .callFailed(
      call: "clWaitForEvents", status: outcome < 0 ? outcome : status,
      details: "a command, or one before it, failed on the device")
  }

  /// Waits for the command and returns its times.
  ///
  /// - Throws: if it failed or its queue was made without profiling.
  package func times() throws(OpenCLError) -> Times {
    try wait()
    let info = InfoQuery(call: "clGetEventProfilingInfo", of: "an event") { [id] in
      clGetEventProfilingInfo(id, $0, $1, $2, $3)
    }
    return Times(
      queued: try info.value(CL_PROFILING_COMMAND_QUEUED, 0),
      submitted: try info.value(CL_PROFILING_COMMAND_SUBMIT, 0),
      started: try info.value(CL_PROFILING_COMMAND_START, 0),
      ended: try info.value(CL_PROFILING_COMMAND_END, 0))
  }
}
