import OpenCLRuntime
import Testing

struct BufferTests {
  @Test(arguments: everyDevice)
  func `Bytes written are the bytes read`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let buffer = try Buffer(context: context, byteCount: 1003)
    let bytes = (0..<1003).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    try queue.write(bytes, to: buffer)
    #expect(try queue.read(buffer, count: 1003, of: UInt8(0)) == bytes)
    try queue.write([UInt8(1), 2, 3], to: buffer, at: 1000)
    let expected: [UInt8] = [bytes[998], bytes[999], 1, 2, 3]
    #expect(try queue.read(buffer, at: 998, count: 5, of: UInt8(0)) == expected)
  }

  @Test(arguments: everyDevice)
  func `Commands that do not block are done when a marker is`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let buffer = try Buffer(context: context, byteCount: 4096)
    let source = (0..<1024).map(UInt32.init)
    var destination = [UInt32](repeating: 0, count: 1024)
    try source.withUnsafeBytes { source in
      try destination.withUnsafeMutableBytes { destination in
        try queue.write(source, to: buffer, blocking: false)
        try queue.read(buffer, into: destination, blocking: false)
        let done = try queue.marker()
        try queue.flush()
        try done.wait()
      }
    }
    #expect(destination == source)
  }

  @Test(arguments: everyDevice)
  func `Fills and copies touch their range only`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let a = try Buffer(context: context, byteCount: 32)
    let b = try Buffer(context: context, byteCount: 32)
    try queue.fill(a, with: Float(1))
    try queue.fill(a, with: Float(2), at: 8, byteCount: 8)
    #expect(try queue.read(a, count: 8, of: Float(0)) == [1, 1, 2, 2, 1, 1, 1, 1])
    try queue.fill(b, with: UInt8(0))
    try queue.copy(a, at: 4, to: b, at: 20, byteCount: 12)
    #expect(try queue.read(b, count: 8, of: Float(0)) == [0, 0, 0, 0, 0, 1, 2, 2])
  }

  @Test(arguments: everyDevice)
  func `Sub-buffers are windows on the same memory`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let step = device.subBufferAlignment
    var whole: Buffer? = try Buffer(context: context, byteCount: 4 * step)
    try queue.fill(whole!, with: UInt8(0))
    let half = try whole!.subBuffer(offset: 2 * step, byteCount: 2 * step)
    let quarter = try half.subBuffer(offset: step, byteCount: 8)
    try queue.write([UInt8(5), 6, 7, 8], to: quarter, at: 4)
    #expect(try queue.read(whole!, at: 3 * step + 4, count: 4, of: UInt8(0)) == [5, 6, 7, 8])
    #expect(context.statistics.buffersAllocated == 1)
    whole = nil
    #expect(try queue.read(half, at: step + 4, count: 4, of: UInt8(0)) == [5, 6, 7, 8])
  }

  @Test(arguments: everyDevice)
  func `Sub-buffers must be aligned and inside`(device: Device) throws {
    let context = try Context(device: device)
    let step = device.subBufferAlignment
    let buffer = try Buffer(context: context, byteCount: 2 * step)
    let expected = "cannot begin at byte 1: \(device) needs a multiple of \(step)"
    if step > 1 {
      #expect(failure { _ = try buffer.subBuffer(offset: 1, byteCount: 4) }.contains(expected))
    }
    for (offset, byteCount) in [(step, step + 1), (-step, 4), (0, 0), (Int.max, 4)] {
      let message = failure { _ = try buffer.subBuffer(offset: offset, byteCount: byteCount) }
      #expect(message.contains("does not lie within a buffer of \(2 * step) bytes"))
    }
  }

  @Test(arguments: everyDevice)
  func `Sizes no device can allocate are refused`(device: Device) throws {
    let context = try Context(device: device)
    for byteCount in [0, -4, device.maxAllocation + 1, Int.max] {
      let message = failure { _ = try Buffer(context: context, byteCount: byteCount) }
      #expect(message.hasPrefix("a buffer of \(byteCount) bytes cannot be allocated: \(device)"))
    }
    #expect(context.statistics.buffersAllocated == 0)
  }

  @Test(arguments: everyDevice)
  func `Transfers beyond a buffer fail with the sizes in words`(device: Device) throws {
    let context = try Context(device: device)
    let queue = try Queue(context: context)
    let buffer = try Buffer(context: context, byteCount: 8)
    let message = failure { try queue.write([UInt8](repeating: 0, count: 6), to: buffer, at: 4) }
    #expect(
      message
        == "clEnqueueWriteBuffer failed with CL_INVALID_VALUE (-30): 6 bytes to byte 4 of a buffer "
        + "of 8 bytes")
    #expect(throws: OpenCLError.self) { try queue.read(buffer, at: 8, count: 1, of: UInt8(0)) }
    #expect(throws: OpenCLError.self) {
      try queue.fill(buffer, with: Float(0), at: 2, byteCount: 4)
    }
    #expect(throws: OpenCLError.self) { try queue.copy(buffer, at: 6, to: buffer, byteCount: 4) }
  }
}
