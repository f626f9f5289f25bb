import COneDNN
import Foundation

/// Runs independent units of work on every core, on the threads that oneDNN uses too.
package enum WorkerPool {
  /// Calls `body` with ranges that cover `0..<units`, several at a time; returns when all are done.
  ///
  /// The ranges only share the work out: what each unit computes does not depend on them. Must not
  /// be called from `body`.
  package static func run(_ units: Int, _ body: (Range<Int>) -> Void) {
    let parts = min(units, threads * 4)
    guard parts > 1 else {
      if units > 0 { body(0..<units) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var work = Work(units: units, parts: parts, body: body)
      withUnsafeMutablePointer(to: &work) { pointer in
        tessera_dnn_parallel(
          Int64(parts),
          { context, part in
            let work = context!.assumingMemoryBound(to: Work.self)
            let (units, parts, part) = (work.pointee.units, work.pointee.parts, Int(part))
            work.pointee.body(units * part / parts..<units * (part + 1) / parts)
          }, pointer)
      }
    }
  }

  private struct Work {
    let units: Int
    let parts: Int
    let body: (Range<Int>) -> Void
  }

  /// As many as there are cores.
  static let threads = ProcessInfo.processInfo.activeProcessorCount
}
