import Foundation

/// Why a file could not be fetched. The description is one line with what to do about it.
package enum DownloadError: Error, Equatable, Sendable {
  /// The server or the way to it failed. So many bytes have arrived and are kept.
  case failed(url: String, reason: String, kept: Int)

  /// What arrived has another size than the manifest says; it is discarded.
  case wrongSize(url: String, bytes: Int, expected: Int)

  /// What arrived has another checksum than the manifest says; it is discarded.
  case wrongChecksum(url: String, sha256: String, expected: String)

  /// Another process fetches the same file.
  case busy(file: String)

  case unreadable(file: String, reason: String)
  case unwritable(file: String, reason: String)
}

extension DownloadError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failed(let url, let reason, let kept):
      "cannot fetch \(url): \(reason)"
        + (kept > 0 ? "; \(kept) bytes have arrived and are kept, fetch again to go on" : "")
    case .wrongSize(let url, let bytes, let expected):
      "\(url) gave \(bytes) bytes, the manifest says \(expected); the file there has changed, or "
        + "is no longer there"
    case .wrongChecksum(let url, let sha256, let expected):
      "\(url) gave a file with SHA-256 \(sha256), the manifest says \(expected); it was damaged "
        + "on the way, so fetch it again, or has changed"
    case .busy(let file):
      "\(file) is being fetched by another process"
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .unwritable(let file, let reason):
      "\(file): cannot be written: \(reason)"
    }
  }
}
