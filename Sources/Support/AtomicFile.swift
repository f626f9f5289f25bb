import Foundation

/// A file that appears whole or not at all: written beside its place under another name, then
/// renamed over it. Without ``commit()`` the folder stays as it was.
///
/// A symbolic link is followed, and a file that is replaced keeps its permissions. What is no file,
/// the standard output (`-`), a descriptor (`/dev/fd/3`) or a named pipe, is written to as it is.
package struct AtomicFile: ~Copyable {
  /// The path as the caller gave it, for errors.
  private let path: String
  private let destination: OutputDestination
  /// Nil for what is no file.
  private let temporary: String?
  /// -1 once committed.
  private var descriptor: Int32

  /// Opens what is written to: a temporary file in the folder of the file that `path` stands for, or a
  /// stream.
  ///
  /// - Throws: `FileError.unwritable` with the reason: no such folder, no permission, a folder or
  ///   disk of that name.
  package init(_ path: String) throws(FileError) {
    let destination = try OutputDestination(path)
    let opened = try Self.open(destination, path)
    (self.path, self.destination) = (path, destination)
    (temporary, descriptor) = (opened.temporary, opened.descriptor)
  }

  private static func open(
    _ destination: OutputDestination, _ path: String
  ) throws(FileError) -> (temporary: String?, descriptor: Int32) {
    let descriptor: Int32
    switch destination {
    case .descriptor(let number): descriptor = dup(number)
    case .stream(let target): descriptor = Glibc.open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY)
    case .file(let target):
      let created = try TemporaryFile.create(in: OutputDestination.folder(of: target), for: path)
      var status = stat()
      if stat(target, &status) == 0 { fchmod(created.descriptor, status.st_mode & 0o777) }
      return (created.path, created.descriptor)
    }
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemReason()) }
    return (nil, descriptor)
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if let temporary { unlink(temporary) }
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
    // A closed descriptor releases its lock: rename first, so that nobody takes the file for abandoned.
    if failure == 0, let temporary, case .file(let target) = destination,
      rename(temporary, target) != 0
    {
      failure = errno
    }
    if failure != 0, let temporary { unlink(temporary) }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    descriptor = -1
    guard failure == 0 else { throw .unwritable(path: path, reason: systemReason(failure)) }
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
  /// removing it again. Temporary files of processes that have ended are removed from its folder.
  ///
  /// - Parameter inputs: files that the work reads, and folders of them; none of these files may be
  ///   the one it writes, by whatever name.
  /// - Throws: `FileError.unwritable` as ``init(_:)``, or because `path` is one of `inputs`.
  package static func checkWritable(
    _ path: String, reading inputs: [String] = []
  ) throws(FileError) {
    // Opening a pipe to look would end its reader.
    guard case .file(let target) = try OutputDestination(path) else { return }
    TemporaryFile.removeAbandoned(in: OutputDestination.folder(of: target))
    _ = try AtomicFile(path)
    if let output = FileIdentity(path), inputs.contains(where: output.isOrIsIn) {
      throw .unwritable(path: path, reason: "it is also what is read; name another file")
    }
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
