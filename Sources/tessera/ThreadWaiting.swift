import Foundation

/// How the CPU path's threads wait for each other.
enum ThreadWaiting {
  /// Starts the program once more with `OMP_WAIT_POLICY=passive`, unless the user chose a policy.
  ///
  /// Threads of libgomp spin for milliseconds when they wait, so on a machine that does anything
  /// else one descheduled thread burns the others' cores: a render on a loaded machine took three
  /// times as long. libgomp reads the policy while it is loaded, which is before `main`.
  static func makePassive() {
    let variable = "OMP_WAIT_POLICY"
    guard getenv(variable) == nil else { return }
    setenv(variable, "passive", 1)
    // Where this fails, the program goes on as it is: correct, and slow under load.
    // By its name, which `ps` shows.
    if let path = realpath("/proc/self/exe", nil) { execv(path, CommandLine.unsafeArgv) }
  }
}
