import Foundation

/// Device and number of a file, which tell it from all others, whatever it is called.
struct FileIdentity: Hashable {
  private let device: UInt64
  private let number: UInt64

  /// Nil if there is no file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  /// Whether `path` is this file, or a folder that holds it at any depth.
  func isOrIsIn(_ path: String) -> Bool {
    var visited: Set<FileIdentity> = []
    return isOrIsIn(path, &visited)
  }

  private func isOrIsIn(_ path: String, _ visited: inout Set<FileIdentity>) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let identity = FileIdentity(status)
    guard identity != self else { return true }
    guard status.st_mode & S_IFMT == S_IFDIR, visited.insert(identity).inserted else { return false }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.contains { isOrIsIn(path + "/" + $0, &visited) }
  }
}
