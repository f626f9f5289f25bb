import Foundation

/// Failure of a file operation. The description is one line with the file, the reason and what to do.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Operation: String, Sendable { case read, write }

  package let operation: Operation
  package let path: String
  package let reason: String

  package static func unreadable(path: String, reason: String) -> FileError {
    FileError(operation: .read, path: path, reason: reason)
  }

  /// The file cannot be written; nothing was left behind.
  package static func unwritable(path: String, reason: String) -> FileError {
    FileError(operation: .write, path: path, reason: reason)
  }

  package var description: String { "cannot \(operation) \(path): \(reason)" }
}

/// The system's words for an `errno`, and for the common ones what to do about it.
package func systemReason(_ code: Int32 = errno) -> String {
  switch code {
  case ENOENT: "no such file or folder; check the path"
  case EACCES, EPERM: "permission denied; check the owner and mode"
  case ENOSPC, EDQUOT: "the disk is full; free some space"
  case EROFS: "the file system is read-only; choose another folder"
  default: String(cString: strerror(code))
  }
}
