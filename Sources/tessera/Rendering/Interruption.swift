import Foundation
import Synchronization

/// Ctrl-C, a polite kill or a lost terminal, taken as the wish to stop after the running step.
enum Interruption {
  /// The signal that came, or 0.
  private static let received = Atomic<Int32>(0)

  /// From now on the first SIGINT, the first SIGTERM and the first SIGHUP only raise ``isRequested``;
  /// the next one ends the process, as signals do by default. All are unblocked: who starts this
  /// program from a thread of a dispatch queue hands down that thread's mask, which blocks them.
  /// A SIGHUP that nohup has the program ignore stays ignored. May be called again.
  static func prepare() { _ = handlers }

  /// Installed once: a second time would forget a signal that came between.
  private static let handlers: Void = {
    // It must exist before the handler, in which nothing may be set up.
    received.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { Interruption.received.store($0, ordering: .relaxed) }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] where !(signal == SIGHUP && isIgnored(signal)) {
      sigaction(signal, &action, nil)
      sigaddset(&signals, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }()

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    // SIG_IGN, which is no function that Swift could compare with.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// What the program ends with if it was interrupted, by a shell's convention: 130 after Ctrl-C.
  static var status: Int32 { 128 + received.load(ordering: .relaxed) }
}
