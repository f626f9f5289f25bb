@preconcurrency import Glibc

/// Where results go.
enum StandardOutput {
  /// Lets a line appear when it is printed, into a pipe or a file, too: a reader sees how far a long
  /// run has come, and none is lost if it is killed.
  static func showLinesAtOnce() {
    setvbuf(stdout, nil, _IOLBF, 0)
  }

  /// Ends the program with status 1 where something that it printed could not be written, as on a full
  /// disk.
  static func checkAtExit() {
    atexit {
      if fflush(stdout) != 0 || ferror(stdout) != 0 {
        StandardError.print("tessera: the standard output cannot be written")
        _exit(1)
      }
    }
  }
}
