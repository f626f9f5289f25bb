import OpenCLRuntime

/// Host memory that an input is written from while steps run: two copies in turn, so that the host
/// waits only for the write before the last.
final class StagedInput {
  private let copies: [UnsafeMutableRawBufferPointer]
  private var writes: [Event?] = [nil, nil]
  private var turn = 0

  init(byteCount: Int) {
    copies = (0..<2).map { _ in .allocate(byteCount: byteCount, alignment: 64) }
  }

  deinit {
    for event in writes { try? event?.wait() }
    for copy in copies { copy.deallocate() }
  }

  /// Queues a write of what `fill` stores: commands that are queued already see the value before.
  func write(
    to buffer: Buffer, _ queue: Queue, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(OpenCLError) {
    if let event = writes[turn] { try event.wait() }
    fill(copies[turn])
    try queue.write(UnsafeRawBufferPointer(copies[turn]), to: buffer, blocking: false)
    writes[turn] = try queue.marker()
    try queue.flush()
    turn = 1 - turn
  }
}
