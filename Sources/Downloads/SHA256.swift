import CCrypto
import Foundation

/// The SHA-256 of a file, as 64 hexadecimal digits in lower case.
///
/// - Parameter goOn: asked after every piece; false ends the reading.
/// - Returns: nil where `goOn` ended it.
/// - Throws: `DownloadError.unreadable`.
package func sha256(
  ofFile path: String, goOn: () -> Bool = { true }
) throws(DownloadError) -> String? {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw .unreadable(file: path, reason: lastSystemError()) }
  defer { close(file) }

  let digest = EVP_MD_CTX_new()
  defer { EVP_MD_CTX_free(digest) }
  guard let digest, EVP_DigestInit_ex(digest, EVP_sha256(), nil) == 1 else {
    throw .unreadable(file: path, reason: "OpenSSL has no SHA-256")
  }
  let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
  defer { piece.deallocate() }
  while true {
    let count = read(file, piece.baseAddress, piece.count)
    if count == 0 { break }
    if count < 0 {
      if errno == EINTR { continue }
      throw .unreadable(file: path, reason: lastSystemError())
    }
    EVP_DigestUpdate(digest, piece.baseAddress, count)
    guard goOn() else { return nil }
  }
  var bytes = [UInt8](repeating: 0, count: 32)
  EVP_DigestFinal_ex(digest, &bytes, nil)
  return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
