import Synchronization
import TensorGraph

/// Memory that inner loops need besides their operands. Pieces are kept for the next call, so there
/// are as many as threads that worked at once.
enum ScratchPool {
  /// Calls `body` with at least `count` floats, on a cache line, that nobody else uses meanwhile.
  static func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    var piece = free.withLock { $0.popLast() }
    if piece == nil || piece!.count < count { piece = HostTensor(shape: [count]) }
    body(piece!.pointer)
    let returned = piece!
    free.withLock { $0.append(returned) }
  }

  private static let free = Mutex<[HostTensor<Float>]>([])
}
