@preconcurrency import Glibc

/// Where results go.
enum StandardOutput {
  /// Lets a line appear when it is printed, into a pipe or a file, too: a reader sees how far a long
  /// run has come, and none is lost if it is killed.
  static func showLinesAtOnce() {
    setvbuf(stdout, nil, _IOLBF, 0)
  }
}
