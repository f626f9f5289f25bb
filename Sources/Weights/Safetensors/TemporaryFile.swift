import Glibc

/// A file written under a temporary name beside its final one, which it takes when complete.
struct TemporaryFile {
  private let path: String
  private let temporaryPath: String
  private var descriptor: Int32

  init(for path: String) throws(WeightError) {
    self.path = path
    temporaryPath = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).partial"
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(file: path, reason: lastSystemError()) }
  }

  /// Appends the elements' bytes, as they lie in memory.
  func write<Element: BitwiseCopyable>(_ elements: [Element]) throws(WeightError) {
    var isWritten = true
    elements.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while isWritten, !rest.isEmpty {
        let next = UnsafeRawBufferPointer(rebasing: rest)
        let count = Glibc.write(descriptor, next.baseAddress, next.count)
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          isWritten = false
        }
      }
    }
    guard isWritten else { throw .unwritable(file: path, reason: lastSystemError()) }
  }

  /// Flushes the file to the disk and gives it its name.
  mutating func commit() throws(WeightError) {
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw .unwritable(file: path, reason: lastSystemError())
    }
    close(descriptor)
    descriptor = -1
  }

  /// Removes what was written, if it was not committed.
  mutating func discard() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    unlink(temporaryPath)
  }
}
