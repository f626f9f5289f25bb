import Foundation

/// A picture in a folder, and how to tell whether it has changed.
struct PictureFile: Hashable {
  /// Path from the folder.
  let name: String
  /// In bytes.
  let size: Int64
  /// Nanoseconds since 1970.
  let modified: Int64

  /// The pictures under `folder` by their names' endings, at any depth, hidden ones left out, in
  /// the order of their names. Symbolic links are followed, no folder twice.
  ///
  /// - Throws: ``InferenceError/folder(path:reason:)`` if `folder` cannot be listed; folders below
  ///   that cannot are left out.
  static func all(in folder: String) throws(InferenceError) -> [PictureFile] {
    var scan = Scan(root: folder)
    if let reason = scan.visit("") { throw .folder(path: folder, reason: reason) }
    return scan.found.sorted { $0.name < $1.name }
  }

  private static let endings: Set<String> = ["png", "jpg", "jpeg"]

  private struct Scan {
    struct Place: Hashable { let device, number: UInt64 }

    let root: String
    var found: [PictureFile] = []
    private var visited: Set<Place> = []

    init(root: String) { self.root = root }

    /// Looks through the folder `name` below the root; returns why it cannot.
    mutating func visit(_ name: String) -> String? {
      let path = name.isEmpty ? root : root + "/" + name
      var status = stat()
      guard stat(path, &status) == 0 else { return String(cString: strerror(errno)) }
      guard status.st_mode & S_IFMT == S_IFDIR else { return "it is not a folder" }
      let place = Place(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
      guard visited.insert(place).inserted else { return nil }
      guard let directory = opendir(path) else { return String(cString: strerror(errno)) }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let leaf = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if !leaf.hasPrefix(".") { take(name.isEmpty ? leaf : name + "/" + leaf) }
      }
      return nil
    }

    private mutating func take(_ name: String) {
      var status = stat()
      guard stat(root + "/" + name, &status) == 0 else { return }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: _ = visit(name)
      case S_IFREG:
        guard let dot = name.lastIndex(of: "."),
          PictureFile.endings.contains(name[name.index(after: dot)...].lowercased())
        else { return }
        let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        found.append(PictureFile(name: name, size: Int64(status.st_size), modified: modified))
      default: break
      }
    }
  }
}
