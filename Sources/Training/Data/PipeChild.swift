import Foundation
import Support
import Synchronization

/// A shell command whose standard output is read. It has a process group of its own, so that ending
/// it ends what it started, too.
final class PipeChild: Sendable {
  private enum State {
    case running
    case ended(Int32)
  }

  private let pid: pid_t
  private let output: Int32
  private let tail: StderrTail
  private let state = Mutex<State>(.running)
  private let isStopped = Atomic<Bool>(false)

  struct Stopped: Error {}

  init(command: String) throws {
    // Between a pipe and its mark no other child may start that would keep it open.
    let lock = Self.starting
    lock.lock()
    defer { lock.unlock() }
    guard let out = Self.openPipe() else {
      throw TrainingDataError.pipe(command: command, reason: systemReason(), lines: [])
    }
    guard let err = Self.openPipe() else {
      let reason = systemReason()
      for end in out { close(end) }
      throw TrainingDataError.pipe(command: command, reason: reason, lines: [])
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, out[1], 1)
    posix_spawn_file_actions_adddup2(&actions, err[1], 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals that this program ignores or blocks would stay so in the child.
    var (defaults, mask) = (sigset_t(), sigset_t())
    sigemptyset(&defaults)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGUSR1] { sigaddset(&defaults, signal) }
    sigemptyset(&mask)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    let words = ["/bin/sh", "-c", command]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, environ)
    close(out[1])
    close(err[1])
    guard status == 0 else {
      close(out[0])
      close(err[0])
      throw TrainingDataError.pipe(
        command: command, reason: "cannot be started: \(systemReason(status))", lines: [])
    }
    self.pid = pid
    output = out[0]
    tail = StderrTail(err[0])
  }

  private static let starting = NSLock()

  /// Two descriptors, read end first, that children do not inherit.
  private static func openPipe() -> [Int32]? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

  deinit {
    stop()
    close(output)
  }

  /// Some of the next bytes, none at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      guard !isStopped.load(ordering: .relaxed) else { throw Stopped() }
      // A process that escaped from the group may keep the pipe open after stop().
      var request = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&request, 1, 100) != 0 else { continue }
      let count = Glibc.read(output, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR || errno == EAGAIN else { return 0 }
    }
  }

  /// The last lines that the command wrote to its standard error, of at most 2 kB.
  var lastLines: [String] { tail.lines }

  /// Waits for the end of a command whose output has ended.
  ///
  /// - Returns: nil for success, else what happened.
  func failure() throws -> String? {
    while true {
      if let status = reap() {
        tail.finish()
        let signal = status & 0x7F
        if signal != 0 { return "was ended by signal \(signal)" }
        let code = status >> 8 & 0xFF
        return code == 0 ? nil : "failed with status \(code)"
      }
      guard !isStopped.load(ordering: .relaxed) else { throw Stopped() }
      usleep(2_000)
    }
  }

  /// Ends the command: SIGTERM, and SIGKILL where that does not help within a second.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    for signal in [SIGTERM, SIGKILL] {
      guard reap() == nil else { break }
      kill(-pid, signal)
      for _ in 0..<500 where reap() == nil { usleep(2_000) }
    }
  }

  /// The status that waitpid gives, once the command has ended.
  private func reap() -> Int32? {
    state.withLock { state in
      if case .ended(let status) = state { return status }
      var status: Int32 = 0
      switch waitpid(pid, &status, WNOHANG) {
      case pid: state = .ended(status)
      // Reaped elsewhere: its status is lost.
      case -1 where errno == ECHILD: state = .ended(0)
      default: return nil
      }
      if case .ended(let status) = state { return status }
      return nil
    }
  }
}

/// The end of what a command writes to its standard error, read by a thread so that it never blocks.
private final class StderrTail: Sendable {
  private let bytes = Mutex<[UInt8]>([])
  private let isDone = Atomic<Bool>(false)

  init(_ descriptor: Int32) {
    Thread.detachNewThread {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        self.bytes.withLock { $0 = ($0 + buffer[..<count]).suffix(2048) }
      }
      close(descriptor)
      self.isDone.store(true, ordering: .releasing)
    }
  }

  /// Waits, a quarter of a second at most, for the rest.
  func finish() {
    for _ in 0..<125 where !isDone.load(ordering: .acquiring) { usleep(2_000) }
  }

  var lines: [String] {
    Captions.lines(bytes.withLock { $0 }).suffix(5).map(printable)
  }
}
