import Foundation
import Support
import Synchronization

/// Bytes that this process has read from weight files so far, their headers included.
public var weightBytesRead: Int { WeightSource.bytes.load(ordering: .relaxed) }

/// The bytes that weights come from: an open file, or memory.
///
/// Nothing is mapped: a reader holds the pieces it works on, and a tensor's values go straight to
/// where they are wanted, so memory has them once.
final class WeightSource: Sendable {
  /// The file as the caller gave it, which errors name.
  let path: String
  /// Bytes in all.
  let count: Int
  /// Equal for sources of equal bytes.
  let identity: Identity
  private let content: Content
  fileprivate static let bytes = Atomic(0)

  enum Identity: Hashable, Sendable {
    /// A file as it was when it was opened: a changed one has another time or size.
    case file(device: UInt, inode: UInt, count: Int, seconds: Int, nanoseconds: Int)
    /// Nobody else's bytes.
    case memory(UUID)
  }

  private enum Content {
    case file(descriptor: Int32)
    case memory([UInt8])
  }

  /// Opens a regular file.
  init(path: String) throws(WeightError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemReason()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let reason =
        status.st_mode & S_IFMT == S_IFREG ? systemReason() : "not a regular file"
      close(descriptor)
      throw .unreadable(file: path, reason: reason)
    }
    self.path = path
    count = Int(status.st_size)
    identity = .file(
      device: UInt(status.st_dev), inode: UInt(status.st_ino), count: count,
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    content = .file(descriptor: descriptor)
  }

  /// Bytes in memory that errors call `name`.
  init(bytes: [UInt8], name: String) {
    path = name
    count = bytes.count
    identity = .memory(UUID())
    content = .memory(bytes)
  }

  deinit {
    if case .file(let descriptor) = content { close(descriptor) }
  }

  /// Copies the bytes from `position` on until `destination` is full.
  ///
  /// - Precondition: they lie within the source.
  /// - Throws: `WeightError.unreadable`, or `.damaged` if the file was cut since it was opened.
  func read(from position: Int, into destination: UnsafeMutableRawBufferPointer) throws(WeightError)
  {
    precondition(position >= 0 && destination.count <= count - position)
    Self.bytes.wrappingAdd(destination.count, ordering: .relaxed)
    switch content {
    case .memory(let bytes):
      bytes.withUnsafeBytes {
        destination.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[position..<position + destination.count]))
      }
    case .file(let descriptor):
      var done = 0
      while done < destination.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: destination[done...])
        let copied = pread(descriptor, rest.baseAddress, rest.count, position + done)
        if copied > 0 {
          done += copied
        } else if copied == 0 {
          throw damage(at: position + done, "the file was cut from \(count) bytes while in use")
        } else if errno != EINTR {
          throw .unreadable(file: path, reason: systemReason())
        }
      }
    }
  }

  /// The part of `range` that lies within the source, held in memory.
  func slice(_ range: Range<Int>) throws(WeightError) -> SourceSlice {
    let range = range.clamped(to: 0..<count)
    var failure: WeightError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      do throws(WeightError) {
        let destination = UnsafeMutableRawBufferPointer(buffer)
        try read(
          from: range.lowerBound,
          into: UnsafeMutableRawBufferPointer(rebasing: destination[..<range.count]))
        initialized = range.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return SourceSlice(source: self, range: range, bytes: bytes)
  }

  func damage(at byte: Int, _ what: String) -> WeightError {
    .damaged(file: path, byte: byte, what: what)
  }
}

/// A stretch of a source held in memory. Positions count from the start of the source.
struct SourceSlice: Sendable {
  let source: WeightSource
  let range: Range<Int>
  let bytes: [UInt8]

  subscript(position: Int) -> UInt8 { bytes[position - range.lowerBound] }

  /// The little-endian integer at `position`, or nil outside the slice.
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, at position: Int
  ) -> Value? {
    guard range.lowerBound <= position, position <= range.upperBound - MemoryLayout<Value>.size
    else { return nil }
    return bytes.withUnsafeBytes {
      Value(
        littleEndian: $0.loadUnaligned(
          fromByteOffset: position - range.lowerBound, as: Value.self))
    }
  }

  /// The UTF-8 text in `part`, or nil if it leaves the slice or is not UTF-8.
  func text(in part: Range<Int>) -> String? {
    guard range.lowerBound <= part.lowerBound, part.upperBound <= range.upperBound else {
      return nil
    }
    let part = part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound
    return String(validating: bytes[part], as: UTF8.self)
  }

  /// The first position at or after `position` that holds `byte`.
  func firstPosition(of byte: UInt8, from position: Int) -> Int? {
    bytes[(position - range.lowerBound)...].firstIndex(of: byte).map { $0 + range.lowerBound }
  }

  func damage(at byte: Int, _ what: String) -> WeightError { source.damage(at: byte, what) }
}
