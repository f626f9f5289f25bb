import Synchronization

/// Memory that inner loops need besides their operands. Pieces are kept for the next call, so there
/// are as many as threads that worked at once.
enum ScratchPool {
  /// Calls `body` with at least `count` floats, on a cache line, that nobody else uses meanwhile.
  static func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    var piece = free.withLock { $0.popLast() }
    if piece == nil || piece!.count < count { piece = Piece(count: count) }
    body(piece!.start)
    let returned = piece!
    free.withLock { $0.append(returned) }
  }

  private static let free = Mutex<[Piece]>([])

  private final class Piece: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
    let count: Int

    init(count: Int) {
      self.count = count
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
      start = bytes.initializeMemory(as: Float.self, repeating: 0, count: count)
    }

    deinit { start.deallocate() }
  }
}
