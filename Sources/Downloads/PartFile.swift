import Foundation
import Support

/// The file beside a destination that holds what has arrived so far. While it is open, no other
/// process can open it.
final class PartFile {
  let path: String
  /// Bytes that are there.
  private(set) var count: Int
  private let destination: String
  private let descriptor: Int32

  init(of destination: String) throws(DownloadError) {
    let path = destination + ".part"
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(file: path, reason: systemReason()) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .busy(file: destination)
    }
    self.path = path
    self.destination = destination
    self.descriptor = descriptor
    count = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit {
    // Nothing arrived, so there is nothing to go on from.
    if count == 0 { unlink(path) }
    close(descriptor)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DownloadError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let next = UnsafeRawBufferPointer(rebasing: rest)
      let written = write(descriptor, next.baseAddress, next.count)
      if written >= 0 {
        rest = rest.dropFirst(written)
        count += written
      } else if errno != EINTR {
        throw .unwritable(file: path, reason: systemReason())
      }
    }
  }

  /// Discards what is there.
  func restart() throws(DownloadError) {
    guard ftruncate(descriptor, 0) == 0 else {
      throw .unwritable(file: path, reason: systemReason())
    }
    count = 0
  }

  /// Flushes the part to the disk and gives it the destination's name.
  func commit() throws(DownloadError) {
    var failure = flush(descriptor)
    if failure == 0, rename(path, destination) != 0 { failure = errno }
    guard failure == 0 else {
      throw .unwritable(file: destination, reason: systemReason(failure))
    }
  }
}
