import Foundation
import Synchronization

/// Ctrl-C and a polite kill, taken as the wish to stop after the running step.
enum Interruption {
  private static let flag = Atomic(false)

  /// From now on the first SIGINT and the first SIGTERM only raise ``isRequested``; the next one
  /// ends the process, as signals do by default.
  static func prepare() {
    // The flag must exist before the handler, in which nothing may be set up.
    flag.store(false, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      Interruption.flag.store(true, ordering: .relaxed)
    }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    for signal in [SIGINT, SIGTERM] { sigaction(signal, &action, nil) }
  }

  static var isRequested: Bool { flag.load(ordering: .relaxed) }
}
