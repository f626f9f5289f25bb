import Foundation

/// Where the path of an output leads.
package enum OutputDestination: Hashable, Sendable {
  /// A regular file, which is there or not, with links followed.
  case file(String)
  /// An open descriptor of this process: 1 is the standard output.
  case descriptor(Int32)
  /// A named pipe or a character device.
  case stream(String)

  /// - Throws: `FileError.unwritable` for a folder, a disk, a socket, a terminal, a link that leads
  ///   nowhere, and what there is no permission for.
  package init(_ path: String) throws(FileError) {
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw .unwritable(path: path, reason: "it names a folder; add a file name")
    }
    if path == "-" {
      self = try Self.open(1, path)
      return
    }
    var (target, status) = (path, stat())
    for hop in 0...40 {
      if let number = Self.descriptor(of: target) {
        self = try Self.open(number, path)
        return
      }
      guard lstat(target, &status) == 0 else {
        let code = errno
        guard code == ENOENT || code == ENOTDIR else {
          throw .unwritable(path: path, reason: systemReason(code))
        }
        guard hop == 0 else {
          throw .unwritable(path: path, reason: "it is a link that leads nowhere; remove it")
        }
        // A missing folder is reported when the temporary file cannot be made in it.
        self = .file(path)
        return
      }
      guard status.st_mode & S_IFMT == S_IFLNK else { break }
      guard hop < 40, let link = Self.link(at: target) else {
        throw .unwritable(path: path, reason: systemReason(ELOOP))
      }
      target = link.hasPrefix("/") ? link : Self.folder(of: target) + link
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file(target)
    case S_IFIFO, S_IFCHR: self = .stream(target)
    case S_IFDIR: throw .unwritable(path: path, reason: "it is a folder; add a file name")
    default: throw .unwritable(path: path, reason: "it is not a regular file; name another one")
    }
    guard access(target, W_OK) == 0 else { throw .unwritable(path: path, reason: systemReason()) }
  }

  /// True for what a picture goes to while other output must not.
  package var isStandardOutput: Bool { self == .descriptor(1) }

  /// The folder of a path, with its slash; empty for the working folder.
  static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  private static func open(_ number: Int32, _ path: String) throws(FileError) -> Self {
    let flags = fcntl(number, F_GETFL)
    guard flags >= 0, flags & O_ACCMODE != O_RDONLY else {
      throw .unwritable(path: path, reason: "it is not open for writing")
    }
    guard isatty(number) == 0 else {
      throw .unwritable(path: path, reason: "it is a terminal; name a file, or send it to a pipe")
    }
    return .descriptor(number)
  }

  /// The number of a path such as `/proc/self/fd/1` or `/dev/fd/1`; nil for any other.
  private static func descriptor(of path: String) -> Int32? {
    let folder = folder(of: path)
    guard let number = Int32(path.dropFirst(folder.count)), let real = realpath(folder, nil) else {
      return nil
    }
    defer { free(real) }
    return String(cString: real) == "/proc/\(getpid())/fd" ? number : nil
  }

  private static func link(at path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return count > 0 && count < bytes.count ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
