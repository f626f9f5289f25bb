import Dispatch
import Foundation

/// Runs independent units of work on every core.
package enum WorkerPool {
  /// Calls `body` with ranges that cover `0..<units`, several at a time; returns when all are done.
  ///
  /// The ranges only share the work out: what each unit computes does not depend on them.
  package static func run(_ units: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = min(units, cores * 4)
    guard parts > 1 else {
      if units > 0 { body(0..<units) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      body(units * part / parts..<units * (part + 1) / parts)
    }
  }

  private static let cores = ProcessInfo.processInfo.activeProcessorCount
}
