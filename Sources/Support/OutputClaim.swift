import Foundation

/// Claim of a process on a file that it writes after long work, so that no second one works for the
/// same file. It ends with the process, however that ends.
///
/// The lock is a file under `$XDG_CACHE_HOME/tessera/locks`. Without a home directory, or on a file
/// system without locks, there is no claim.
package final class OutputClaim {
  private let lock: String?
  private let descriptor: Int32

  /// - Throws: `FileError.unwritable` if another process has a claim on the file.
  package init(_ path: String) throws(FileError) {
    guard case .file(let target) = try OutputDestination(path), let cache = UserFolder.cache,
      (try? FileManager.default.createDirectory(
        atPath: cache + "/locks", withIntermediateDirectories: true)) != nil
    else {
      (lock, descriptor) = (nil, -1)
      return
    }
    let lock = cache + "/locks/\(FNV1a.hash64(Self.canonical(target)).hexadecimal)"
    while true {
      let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        (self.lock, self.descriptor) = (nil, -1)
        return
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        close(descriptor)
        throw .unwritable(
          path: path, reason: "another tessera is painting it: wait for that, or name another file")
      }
      // Its last holder may have removed it in between.
      var (held, named) = (stat(), stat())
      if fstat(descriptor, &held) == 0, stat(lock, &named) == 0, held.st_ino == named.st_ino {
        (self.lock, self.descriptor) = (lock, descriptor)
        return
      }
      close(descriptor)
    }
  }

  deinit {
    guard let lock else { return }
    unlink(lock)
    close(descriptor)
  }

  /// The folder's real path and the file's name.
  private static func canonical(_ path: String) -> String {
    let folder = OutputDestination.folder(of: path)
    guard let real = realpath(folder.isEmpty ? "." : folder, nil) else { return path }
    defer { free(real) }
    return String(cString: real) + "/" + path.dropFirst(folder.count)
  }
}
