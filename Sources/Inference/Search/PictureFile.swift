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
  /// - Returns: The pictures; and what is left out, with the reason: folders that cannot be listed,
  ///   pictures and folders whose names are not UTF-8.
  /// - Throws: ``InferenceError/folder(path:reason:)`` if `folder` cannot be listed.
  static func all(
    in folder: String
  ) throws(InferenceError) -> (files: [PictureFile], problems: [PictureSearch.Problem]) {
    var scan = Scan(root: folder)
    if let reason = scan.visit("") { throw .folder(path: folder, reason: reason) }
    return (scan.found.sorted { $0.name < $1.name }, scan.problems)
  }

  /// Names are compared by their bytes: an é of one character and one of two are two files.
  static func == (one: PictureFile, other: PictureFile) -> Bool {
    one.size == other.size && one.modified == other.modified
      && one.name.utf8.elementsEqual(other.name.utf8)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(size)
    hasher.combine(modified)
    for byte in name.utf8 { hasher.combine(byte) }
  }

  private static let endings: Set<String> = ["png", "jpg", "jpeg", "jpe", "jfif"]

  /// Whether a name ends as a picture's.
  private static func isPicture(_ name: String) -> Bool {
    name.lastIndex(of: ".").map { endings.contains(name[name.index(after: $0)...].lowercased()) } ?? false
  }

  private struct Scan {
    struct Place: Hashable { let device, number: UInt64 }

    let root: String
    var found: [PictureFile] = []
    var problems: [PictureSearch.Problem] = []
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
        let (leaf, isUTF8) = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) {
            (String(cString: $0), String(validatingCString: $0) != nil)
          }
        }
        guard !leaf.hasPrefix(".") else { continue }
        let place = name.isEmpty ? leaf : name + "/" + leaf
        if isUTF8 {
          take(place)
        } else if !leaf.contains(".") || PictureFile.isPicture(leaf) {
          skip(place, "its name is not UTF-8; rename it")
        }
      }
      return nil
    }

    private mutating func skip(_ name: String, _ reason: String) {
      let path = root + "/" + name
      problems.append(PictureSearch.Problem(path: path, reason: "left out \(path): \(reason)"))
    }

    private mutating func take(_ name: String) {
      var status = stat()
      guard stat(root + "/" + name, &status) == 0 else { return }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: if let reason = visit(name) { skip(name, reason) }
      case S_IFREG:
        guard PictureFile.isPicture(name) else { return }
        let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        found.append(PictureFile(name: name, size: Int64(status.st_size), modified: modified))
      default: break
      }
    }
  }
}
