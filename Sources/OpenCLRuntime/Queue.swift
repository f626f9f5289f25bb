import COpenCL

/// An in-order command queue: each command sees the results of all before it.
///
/// Commands only enter the queue here; the device runs them in its own time. Errors of execution
/// therefore surface at `finish()` or in an `Event`, at the latest.
package final class Queue: @unchecked Sendable {
  let id: cl_command_queue
  package let context: Context

  /// - Parameter profiling: whether events of this queue carry times; costs the device a little.
  package init(context: Context, profiling: Bool = false) throws(OpenCLError) {
    var status: cl_int = 0
    let properties = profiling ? cl_command_queue_properties(CL_QUEUE_PROFILING_ENABLE) : 0
    let queue = clCreateCommandQueue(context.id, context.device.id, properties, &status)
    id = try created(
      queue, status, "clCreateCommandQueue", "an in-order queue on \(context.device)")
    self.context = context
  }

  deinit { clReleaseCommandQueue(id) }

  /// Sends what was enqueued to the device, without waiting for it.
  package func flush() throws(OpenCLError) {
    try check(clFlush(id), "clFlush", "a queue on \(context.device)")
  }

  /// Waits until everything enqueued has run.
  ///
  /// Not by clFinish: Mesa 22.3's waits for nothing if all has been flushed already, and later ones
  /// may miss that a command failed.
  package func finish() throws(OpenCLError) {
    let last = try marker()
    try flush()
    try last.wait()
  }

  /// An event that completes when everything enqueued before it has.
  package func marker() throws(OpenCLError) -> Event {
    var event: cl_event?
    let status = clEnqueueMarkerWithWaitList(id, 0, nil, &event)
    return Event(
      try created(event, status, "clEnqueueMarkerWithWaitList", "a queue on \(context.device)"))
  }
}

extension Queue {
  /// Copies host memory to `buffer`, from byte `offset` on.
  ///
  /// - Parameter blocking: if false, `source` must stay as it is until a later `finish()`,
  ///   `marker()` or blocking command of this queue has completed.
  package func write(
    _ source: UnsafeRawBufferPointer, to buffer: Buffer, at offset: Int = 0, blocking: Bool = true
  ) throws(OpenCLError) {
    guard let address = source.baseAddress, source.count > 0 else { return }
    let status = clEnqueueWriteBuffer(
      id, buffer.id, cl_bool(blocking ? CL_TRUE : CL_FALSE), offset, source.count, address, 0, nil,
      nil)
    try check(
      status, "clEnqueueWriteBuffer", "\(source.count) bytes to byte \(offset) of \(buffer)")
  }

  /// Writes all of `buffer` by way of host memory that the driver has for it: the device's own where
  /// it shares the host's.
  ///
  /// - Parameter fill: stores every byte of the memory it is given.
  package func write(
    to buffer: Buffer, byFilling fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    var status: cl_int = 0
    let address = clEnqueueMapBuffer(
      id, buffer.id, cl_bool(CL_TRUE), cl_map_flags(CL_MAP_WRITE_INVALIDATE_REGION), 0,
      buffer.byteCount, 0, nil, nil, &status)
    try check(status, "clEnqueueMapBuffer", "all of \(buffer)")
    let filled = Result {
      try fill(UnsafeMutableRawBufferPointer(start: address, count: buffer.byteCount))
    }
    try check(
      clEnqueueUnmapMemObject(id, buffer.id, address, 0, nil, nil), "clEnqueueUnmapMemObject",
      "\(buffer)")
    try filled.get()
  }

  /// Copies `buffer` from byte `offset` on to host memory, filling `destination`.
  ///
  /// - Parameter blocking: if false, `destination` must stay allocated, and holds the data only
  ///   once a later `finish()`, `marker()` or blocking command of this queue has completed.
  package func read(
    _ buffer: Buffer, at offset: Int = 0, into destination: UnsafeMutableRawBufferPointer,
    blocking: Bool = true
  ) throws(OpenCLError) {
    guard let address = destination.baseAddress, destination.count > 0 else { return }
    let status = clEnqueueReadBuffer(
      id, buffer.id, cl_bool(blocking ? CL_TRUE : CL_FALSE), offset, destination.count, address, 0,
      nil, nil)
    try check(
      status, "clEnqueueReadBuffer", "\(destination.count) bytes from byte \(offset) of \(buffer)")
  }

  /// Copies `byteCount` bytes between two buffers or two disjoint ranges of one.
  package func copy(
    _ source: Buffer, at sourceOffset: Int = 0, to destination: Buffer,
    at destinationOffset: Int = 0, byteCount: Int
  ) throws(OpenCLError) {
    if byteCount == 0 { return }
    let status = clEnqueueCopyBuffer(
      id, source.id, destination.id, sourceOffset, destinationOffset, byteCount, 0, nil, nil)
    try check(
      status, "clEnqueueCopyBuffer",
      "\(byteCount) bytes from byte \(sourceOffset) of \(source) to byte \(destinationOffset) of "
        + "\(destination)")
  }

  /// Repeats `pattern` over `byteCount` bytes of `buffer`, or over all after `offset`.
  ///
  /// - Parameter pattern: 1, 2, 4, … or 128 bytes in size; offset and length are multiples of it.
  package func fill<Pattern: BitwiseCopyable>(
    _ buffer: Buffer, with pattern: Pattern, at offset: Int = 0, byteCount: Int? = nil
  ) throws(OpenCLError) {
    let byteCount = byteCount ?? buffer.byteCount - offset
    if byteCount == 0 { return }
    let size = MemoryLayout<Pattern>.size
    let status = withUnsafePointer(to: pattern) {
      clEnqueueFillBuffer(id, buffer.id, $0, size, offset, byteCount, 0, nil, nil)
    }
    try check(
      status, "clEnqueueFillBuffer",
      "a pattern of \(size) bytes over \(byteCount) bytes from byte \(offset) of \(buffer)")
  }
}

extension Queue {
  /// Enqueues one run of `kernel` with the arguments it has at this moment.
  ///
  /// - Parameters:
  ///   - offset: what the numbers of work-items begin at, along the first dimension.
  ///   - global: work-items per dimension; a multiple of `local`, in OpenCL 1.2.
  ///   - local: work-items of a group per dimension; nil leaves it to the driver.
  package func enqueue(
    _ kernel: Kernel, offset: Int = 0, global: WorkSize, local: WorkSize? = nil
  ) throws(OpenCLError) {
    try enqueue(kernel, offset, global, local, nil)
  }

  /// Like `enqueue`, and returns the run's event, to wait for or, on a profiling queue, to time.
  package func enqueueWithEvent(
    _ kernel: Kernel, offset: Int = 0, global: WorkSize, local: WorkSize? = nil
  ) throws(OpenCLError) -> Event {
    var event: cl_event?
    try enqueue(kernel, offset, global, local, &event)
    return Event(
      try created(event, CL_SUCCESS, "clEnqueueNDRangeKernel", "an event of \(kernel.name)"))
  }

  private func enqueue(
    _ kernel: Kernel, _ offset: Int, _ global: WorkSize, _ local: WorkSize?,
    _ event: UnsafeMutablePointer<cl_event?>?
  ) throws(OpenCLError) {
    let dimensions = cl_uint(global.dimensions)
    let status = WorkSize(offset, 0, 0).withSizes { offsets in
      global.withSizes { globalSizes in
        func enqueue(_ localSizes: UnsafePointer<Int>?) -> cl_int {
          clEnqueueNDRangeKernel(
            id, kernel.id, dimensions, offset == 0 ? nil : offsets, globalSizes, localSizes, 0, nil,
            event)
        }
        return local?.withSizes(enqueue) ?? enqueue(nil)
      }
    }
    try check(
      status, "clEnqueueNDRangeKernel",
      "kernel '\(kernel.name)', global \(global)\(offset == 0 ? "" : " from \(offset)"), local "
        + "\(local?.description ?? "free")")
  }
}

extension Buffer: CustomStringConvertible {
  package var description: String { "a buffer of \(byteCount) bytes" }
}
