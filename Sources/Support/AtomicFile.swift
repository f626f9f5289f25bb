import Foundation

/// A file that appears whole or not at all: written beside its place under another name, then
/// renamed over it. Without ``commit()`` the folder stays as it was.
///
/// A symbolic link is followed, and a file that is replaced keeps its permissions.
package struct AtomicFile: ~Copyable {
  /// The path as the caller gave it, for errors.
  private let path: String
  private let target: String
  private let temporary: String
  /// -1 once committed.
  private var descriptor: Int32

  /// Opens a temporary file in the folder of the file that `path` stands for.
  ///
  /// - Throws: `FileError.unwritable` with the reason: no such folder, no permission, a folder or
  ///   device of that name.
  package init(_ path: String) throws(FileError) {
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw .unwritable(path: path, reason: "it names a folder; add a file name")
    }
    let target = try Self.resolved(path)
    let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? ""
    // Independent of the target's name, which may be as long as the file system allows.
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
    if stat(target, &status) == 0 { fchmod(descriptor, status.st_mode & 0o777) }
    self.path = path
    self.target = target
    self.temporary = temporary
    self.descriptor = descriptor
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let next = UnsafeRawBufferPointer(rebasing: rest)
      let count = Glibc.write(descriptor, next.baseAddress, next.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw .unwritable(path: path, reason: systemReason())
      }
    }
  }

  /// Flushes the file to the disk and gives it its name.
  package mutating func commit() throws(FileError) {
    var failure = flush(descriptor)
    if close(descriptor) != 0, failure == 0 { failure = errno }
    descriptor = -1
    if failure == 0, rename(temporary, target) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(temporary)
      throw .unwritable(path: path, reason: systemReason(failure))
    }
  }

  /// Writes `data` to `path`, replacing a file of that name in one step.
  package static func write(_ data: Data, to path: String) throws(FileError) {
    var file = try AtomicFile(path)
    var failure: FileError?
    data.withUnsafeBytes { bytes in
      do throws(FileError) { try file.write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    try file.commit()
  }

  /// Checks before long work that a file can be put at `path`, by making its temporary file and
  /// removing it again.
  ///
  /// - Parameter inputs: files that the work reads, none of which may be the one it writes.
  /// - Throws: `FileError.unwritable` as ``init(_:)``, or because `path` is one of `inputs`.
  package static func checkWritable(
    _ path: String, reading inputs: [String] = []
  ) throws(FileError) {
    _ = try AtomicFile(path)
    if let output = identity(of: path), inputs.contains(where: { identity(of: $0) == output }) {
      throw .unwritable(path: path, reason: "it is also what is read; name another file")
    }
  }

  /// Device and inode, which tell a file from all others; nil if there is none.
  private static func identity(of path: String) -> [UInt64]? {
    var status = stat()
    return stat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  /// `path`, or what it links to, if it is a regular file or free.
  private static func resolved(_ path: String) throws(FileError) -> String {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      // A missing folder is reported when the temporary file cannot be made in it.
      if errno == ENOENT || errno == ENOTDIR { return path }
      throw .unwritable(path: path, reason: systemReason())
    }
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    guard !isLink || stat(path, &status) == 0 else {
      throw .unwritable(
        path: path,
        reason: errno == ENOENT ? "it is a link that leads nowhere; remove it" : systemReason())
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .unwritable(path: path, reason: "it is a folder; add a file name")
    default: throw .unwritable(path: path, reason: "it is not a regular file; name another one")
    }
    guard access(path, W_OK) == 0 else { throw .unwritable(path: path, reason: systemReason()) }
    guard isLink else { return path }
    guard let target = realpath(path, nil) else {
      throw .unwritable(path: path, reason: systemReason())
    }
    defer { free(target) }
    return String(cString: target)
  }
}

/// Flushes a file to the disk, where its file system can: network file systems such as CIFS may
/// have no `fsync`, which is no failure.
///
/// - Returns: zero, or the `errno` of the failure.
package func flush(_ descriptor: Int32) -> Int32 {
  guard fsync(descriptor) != 0 else { return 0 }
  return [EINVAL, ENOSYS, ENOTSUP].contains(errno) ? 0 : errno
}
