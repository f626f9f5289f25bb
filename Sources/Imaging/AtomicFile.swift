import Foundation

/// Files that appear whole or not at all: written beside their place under another name, then
/// renamed over it.
package enum AtomicFile {
  /// Finds out before long work whether `write` will be able to put a file at `path`, by making
  /// its temporary file and removing it again.
  ///
  /// - Parameter inputs: files that the work reads, none of which may be the one it writes.
  /// - Throws: `ImageError.unwritable` with the reason: no such folder, no permission, a folder or
  ///   device of that name, one of `inputs`.
  package static func checkWritable(
    _ path: String, reading inputs: [String] = []
  ) throws(ImageError) {
    let (file, _, temporary) = try open(path)
    close(file)
    unlink(temporary)
    if let output = identity(of: path), inputs.contains(where: { identity(of: $0) == output }) {
      throw .unwritable(path: path, reason: "it is also what is read; name another file")
    }
  }

  /// What tells a file from all others, whatever it is called; nil if there is none.
  private static func identity(of path: String) -> [UInt64]? {
    var status = stat()
    return stat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  /// Writes `data` to `path`, replacing a file of that name in one step; a symbolic link is
  /// followed. After a failure the folder is as before.
  package static func write(_ data: Data, to path: String) throws(ImageError) {
    let (file, target, temporary) = try open(path)
    var failure = data.withUnsafeBytes { writeAll($0, to: file) }
    if failure == 0, fsync(file) != 0 { failure = errno }
    if close(file) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(temporary, target) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(temporary)
      throw .unwritable(path: path, reason: systemReason(failure))
    }
  }

  /// Opens a new temporary file in the folder of the file that `path` stands for.
  private static func open(
    _ path: String
  ) throws(ImageError) -> (file: Int32, target: String, temporary: String) {
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw .unwritable(path: path, reason: "it names a folder; add a file name")
    }
    let target = try resolved(path)
    let folder =
      target.lastIndex(of: "/").map { String(target[...$0]) } ?? ""
    // Short, so that it fits wherever the name itself does.
    let temporary = folder + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    let file = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else {
      let code = errno
      throw .unwritable(
        path: path,
        reason: code == ENOENT || code == ENOTDIR
          ? "there is no folder \(folder); make it first" : systemReason(code))
    }
    // What is replaced keeps its permissions.
    var status = stat()
    if stat(target, &status) == 0 { fchmod(file, status.st_mode & 0o777) }
    return (file, target, temporary)
  }

  /// `path`, or what it links to, if it is a regular file or free.
  private static func resolved(_ path: String) throws(ImageError) -> String {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      // A missing folder is reported when the temporary file cannot be made in it.
      if errno == ENOENT || errno == ENOTDIR { return path }
      throw .unwritable(path: path, reason: systemReason(errno))
    }
    if status.st_mode & S_IFMT == S_IFLNK {
      guard let target = realpath(path, nil) else {
        throw .unwritable(path: path, reason: "it is a link that leads nowhere; remove it")
      }
      defer { free(target) }
      return try resolved(String(cString: target))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      guard access(path, W_OK) == 0 else {
        throw .unwritable(path: path, reason: systemReason(errno))
      }
      return path
    case S_IFDIR: throw .unwritable(path: path, reason: "it is a folder; add a file name")
    default: throw .unwritable(path: path, reason: "it is not a regular file; name another one")
    }
  }

  /// Zero, or the `errno` of the write that failed.
  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(count)
    }
    return 0
  }
}
