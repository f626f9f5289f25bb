import CCrypto
import Foundation
import Synchronization

/// The SHA-256 of files, as 64 hexadecimal digits in lower case.
package enum SHA256 {
  /// The digest of a file, which is read in pieces of 1 MB. Within a process a file is read once as
  /// long as its size and modification time stay.
  ///
  /// - Throws: `FileError.unreadable`.
  package static func ofFile(_ path: String) throws(FileError) -> String {
    let version = try FileVersion(of: path)
    if let known = known.withLock({ $0[version] }) { return known }
    // Reading is never stopped, so there is a digest.
    let digest = try ofFile(path, goOn: { true })!
    known.withLock { $0[version] = digest }
    return digest
  }

  private static let known = Mutex<[FileVersion: String]>([:])

  /// The digest of a file, read whatever is known of it.
  ///
  /// - Parameter goOn: asked after every megabyte; false ends the reading.
  /// - Returns: nil where `goOn` ended it.
  /// - Throws: `FileError.unreadable`.
  package static func ofFile(_ path: String, goOn: () -> Bool) throws(FileError) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
    defer { close(file) }

    let digest = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(digest) }
    guard let digest, EVP_DigestInit_ex(digest, EVP_sha256(), nil) == 1 else {
      throw .unreadable(path: path, reason: "OpenSSL has no SHA-256")
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(file, buffer.baseAddress, buffer.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw .unreadable(path: path, reason: systemReason())
      }
      EVP_DigestUpdate(digest, buffer.baseAddress, count)
      guard goOn() else { return nil }
    }
    var bytes = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(digest, &bytes, nil)
    return bytes.map(\.hexadecimal).joined()
  }
}

/// A file as it is now.
private struct FileVersion: Hashable {
  let path: String
  let size, seconds, nanoseconds: Int

  init(of path: String) throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .unreadable(path: path, reason: systemReason()) }
    self.path = path
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
