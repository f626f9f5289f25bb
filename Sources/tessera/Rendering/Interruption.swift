import Foundation
import Synchronization

/// Ctrl-C and a polite kill, taken as the wish to stop after the running step.
enum Interruption {
  private static let flag = Atomic(false)

  /// From now on the first SIGINT and the first SIGTERM only raise ``isRequested``; the next one
  /// ends the process, as signals do by default. Both are unblocked: who starts this program from
  /// a thread of a dispatch queue hands down that thread's mask, which blocks them.
  static func prepare() {
    // The flag must exist before the handler, in which nothing may be set up.
    flag.store(false, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      Interruption.flag.store(true, ordering: .relaxed)
    }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM] {
      sigaction(signal, &action, nil)
      sigaddset(&signals, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  static var isRequested: Bool { flag.load(ordering: .relaxed) }
}
