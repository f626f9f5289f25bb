import Glibc

/// A file mapped read-only into memory; pages arrive as they are touched.
///
/// `@unchecked Sendable`: the mapping and the descriptor are set once and only read until `deinit`.
final class MappedFile: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer
  private let descriptor: Int32

  init(path: String) throws(WeightError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: lastSystemError()) }
    do throws(WeightError) {
      let size = try regularFileSize(descriptor, path: path)
      if size == 0 {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      } else {
        let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let base, base != MAP_FAILED else {
          throw WeightError.unreadable(file: path, reason: lastSystemError())
        }
        bytes = UnsafeRawBufferPointer(start: base, count: size)
      }
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    if let base = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }
    close(descriptor)
  }

  /// Throws if the file has become shorter since it was mapped, where touching the lost pages
  /// would kill the process with a bus error.
  func requireIntact() throws(WeightError) {
    let size = try regularFileSize(descriptor, path: path)
    guard size >= bytes.count else {
      throw .damaged(
        file: path, byte: size, what: "the file was cut from \(bytes.count) bytes while in use")
    }
  }

  /// The little-endian integer at `offset`, or nil outside the file.
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, at offset: Int
  ) -> Value? {
    let size = MemoryLayout<Value>.size
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// The UTF-8 text in `range`, or nil if it lies outside the file or is not UTF-8.
  func text(in range: Range<Int>) -> String? {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
    return String(validating: bytes[range], as: UTF8.self)
  }

  func damage(at byte: Int, _ what: String) -> WeightError {
    .damaged(file: path, byte: byte, what: what)
  }
}

/// The description of the calling thread's last system call failure.
func lastSystemError() -> String {
  String(cString: strerror(errno))
}

private func regularFileSize(_ descriptor: Int32, path: String) throws(WeightError) -> Int {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .unreadable(file: path, reason: lastSystemError())
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(file: path, reason: "not a regular file")
  }
  return Int(status.st_size)
}
