import Foundation

/// Batches between the threads that read them and the one that takes them, in order of their steps.
final class BatchQueue: @unchecked Sendable {
  typealias Entry = Result<LoadedBatch, any Error>

  // All under `condition`.
  private let condition = NSCondition()
  private var entries: [Int: Entry] = [:]
  private var claimed: Int
  private var taken: Int
  private var hasStopped = false
  private var readers = 0
  private let ahead: Int

  /// - Parameters:
  ///   - step: The first step to be read.
  ///   - ahead: Most batches claimed or waiting at a time.
  init(startingAt step: Int, ahead: Int) { (claimed, taken, self.ahead) = (step, step, ahead) }

  /// The next step to read, once there is room for it; nil after `stop`.
  func claim() -> Int? {
    condition.withLock {
      while claimed - taken >= ahead, !hasStopped { condition.wait() }
      guard !hasStopped else { return nil }
      claimed += 1
      return claimed - 1
    }
  }

  func put(_ entry: Entry, at step: Int) {
    condition.withLock {
      entries[step] = entry
      condition.broadcast()
    }
  }

  /// The batch that follows the one taken last; nil after `stop`.
  ///
  /// - Parameter waited: Grows by the time that the batch was waited for.
  func take(waited: inout Duration) -> Entry? {
    condition.withLock {
      if entries[taken] == nil {
        let start = ContinuousClock.now
        while entries[taken] == nil, !hasStopped { condition.wait() }
        waited += ContinuousClock.now - start
      }
      guard !hasStopped, let entry = entries.removeValue(forKey: taken) else { return nil }
      taken += 1
      condition.broadcast()
      return entry
    }
  }

  /// Runs `body` on a thread of its own.
  func startReader(_ body: @escaping @Sendable () -> Void) {
    condition.withLock { readers += 1 }
    let thread = Thread { [self] in
      body()
      condition.withLock {
        readers -= 1
        condition.broadcast()
      }
    }
    thread.name = "batch reader"
    thread.start()
  }

  var isStopped: Bool { condition.withLock { hasStopped } }

  func stop() {
    condition.withLock {
      hasStopped = true
      entries = [:]
      condition.broadcast()
    }
  }

  /// Waits for the end of all readers.
  func join() {
    condition.withLock { while readers > 0 { condition.wait() } }
  }
}
