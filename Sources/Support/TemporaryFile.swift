import Foundation

/// Files that are written before they get their names: `.PID-RANDOM.tmp` in the folder of the file,
/// locked as long as their process writes them.
enum TemporaryFile {
  /// Makes one. Its name does not depend on the file's, which may be as long as file systems allow.
  /// - Parameters:
  ///   - folder: with its slash; empty for the working folder.
  ///   - path: of the file to be, for the error.
  static func create(
    in folder: String, for path: String
  ) throws(FileError) -> (path: String, descriptor: Int32) {
    while true {
      let temporary = folder + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        let code = errno
        throw .unwritable(
          path: path,
          reason: code == ENOENT || code == ENOTDIR
            ? "there is no folder \(folder); make it first" : systemReason(code))
      }
      var status = stat()
      // Another process may have found it before it was locked. File systems without locks do as well.
      let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      if !isTaken, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
        return (temporary, descriptor)
      }
      close(descriptor)
      unlink(temporary)
    }
  }

  /// Removes those of processes that have ended, which left them locked by nobody.
  static func removeAbandoned(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(
      atPath: folder.isEmpty ? "." : folder)) ?? []
    for name in names where isTemporary(name) {
      let descriptor = open(folder + name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0
      {
        unlink(folder + name)
      }
    }
  }

  private static func isTemporary(_ name: String) -> Bool {
    guard name.hasPrefix("."), name.hasSuffix(".tmp") else { return false }
    let parts = name.dropFirst().dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { UInt32($0) != nil }
  }
}
