import Dispatch
import Foundation

/// One thread, on which others have work done.
///
/// Oclgrind 21.10 keeps part of its state by thread, and neither a queue nor the main actor stays on
/// one.
final class SoleThread: @unchecked Sendable {
  private let lock = NSLock()
  private let wanted = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)
  private var work: (() -> Void)?

  init() {
    let thread = Thread { [self] in
      while true {
        wanted.wait()
        work?()
        done.signal()
      }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits until the thread has done `body`.
  func run<Value>(_ body: () throws -> Value) throws -> Value {
    lock.lock()
    defer { lock.unlock() }
    var result: Result<Value, any Error>?
    withoutActuallyEscaping({ result = Result(catching: body) }) {
      work = $0
      wanted.signal()
      done.wait()
      work = nil
    }
    return try result!.get()
  }
}
