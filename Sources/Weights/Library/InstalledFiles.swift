import Foundation

/// Where the files that come with Tessera lie: under `$TESSERA_HOME`, the working folder, or any
/// folder above the executable.
package enum InstalledFiles {
  /// The folders, in the order they are searched.
  package static var homes: [String] {
    var homes = [FileManager.default.currentDirectoryPath]
    if let home = ProcessInfo.processInfo.environment["TESSERA_HOME"] {
      homes.insert(URL(fileURLWithPath: home).path, at: 0)
    }
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      homes.append(folder.path)
    }
    return homes
  }

  /// The first file or folder of this relative path, such as `weights/manifest.json`; nil if there
  /// is none.
  package static func path(of relativePath: String) -> String? {
    homes.lazy.map { ($0 == "/" ? "" : $0) + "/" + relativePath }
      .first(where: FileManager.default.fileExists)
  }
}
