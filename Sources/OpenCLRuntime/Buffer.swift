import COpenCL

/// Device memory, or a part of another buffer's.
///
/// Commands in flight keep the memory alive; releasing a `Buffer` early is safe.
package final class Buffer: @unchecked Sendable {
  let id: cl_mem
  package let context: Context
  package let byteCount: Int
  /// The buffer this is a part of; never itself a part.
  private let whole: Buffer?
  /// Where this part begins in `whole`, in bytes.
  private let offset: Int

  /// Allocates uninitialised device memory, readable and writable by kernels.
  ///
  /// - Throws: if `byteCount` is not positive or exceeds the device's largest allocation, or if
  ///   memory runs out. Some drivers allocate on first use and report that only then.
  package init(context: Context, byteCount: Int) throws(OpenCLError) {
    let device = context.device
    guard byteCount > 0, byteCount <= device.maxAllocation else {
      throw .invalidRequest(
        "a buffer of \(byteCount) bytes cannot be allocated: \(device) allows 1 to "
          + "\(device.maxAllocation) bytes in one buffer")
    }
    var status: cl_int = 0
    let memory = clCreateBuffer(
      context.id, cl_mem_flags(CL_MEM_READ_WRITE), byteCount, nil, &status)
    id = try created(memory, status, "clCreateBuffer", "\(byteCount) bytes on \(device)")
    self.context = context
    self.byteCount = byteCount
    whole = nil
    offset = 0
    context.count(\.buffersAllocated)
    context.count(\.bytesAllocated, byteCount)
  }

  private init(whole: Buffer, offset: Int, byteCount: Int) throws(OpenCLError) {
    var region = cl_buffer_region(origin: offset, size: byteCount)
    var status: cl_int = 0
    let memory = clCreateSubBuffer(
      whole.id, cl_mem_flags(CL_MEM_READ_WRITE),
      cl_buffer_create_type(CL_BUFFER_CREATE_TYPE_REGION), &region, &status)
    id = try created(
      memory, status, "clCreateSubBuffer",
      "\(byteCount) bytes at \(offset) of a buffer of \(whole.byteCount) bytes")
    context = whole.context
    self.byteCount = byteCount
    self.whole = whole
    self.offset = offset
  }

  deinit { clReleaseMemObject(id) }

  /// A window on this buffer's memory, which it keeps alive. Windows of windows are fine.
  ///
  /// - Parameters:
  ///   - offset: in bytes, a multiple of `device.subBufferAlignment` from the start of the
  ///     allocation.
  ///   - byteCount: in bytes, at least one.
  /// - Throws: if the window is misaligned or does not lie within this buffer.
  package func subBuffer(offset: Int, byteCount: Int) throws(OpenCLError) -> Buffer {
    guard offset >= 0, byteCount > 0, offset <= self.byteCount - byteCount else {
      throw .invalidRequest(
        "a sub-buffer of \(byteCount) bytes at \(offset) does not lie within a buffer of "
          + "\(self.byteCount) bytes")
    }
    let start = self.offset + offset
    let alignment = context.device.subBufferAlignment
    guard start.isMultiple(of: alignment) else {
      throw .invalidRequest(
        "a sub-buffer cannot begin at byte \(start): \(context.device) needs a multiple of "
          + "\(alignment)")
    }
    return try Buffer(whole: whole ?? self, offset: start, byteCount: byteCount)
  }
}
