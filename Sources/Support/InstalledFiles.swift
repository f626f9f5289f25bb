import Foundation

/// The files that come with Tessera: kernels, tunings, the manifest and the starter models.
///
/// They are found from the program's own place, links followed, so that neither the folder it was
/// built in nor the working folder matters.
package enum InstalledFiles {
  /// The folders that may hold them, in the order they are searched: `$TESSERA_HOME`, the
  /// installation's `share/tessera`, and every folder above the program, one of which is the clone
  /// it was built in.
  package static var homes: [String] {
    let environment = ProcessInfo.processInfo.environment
    return homes(of: executable, environment: environment["TESSERA_HOME"])
  }

  package static func homes(of executable: String, environment: String?) -> [String] {
    var homes = environment.map { [URL(fileURLWithPath: $0).path] } ?? []
    var folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
    homes.append(folder.deletingLastPathComponent().appendingPathComponent("share/tessera").path)
    while true {
      homes.append(folder.path)
      if folder.path == "/" { return homes }
      folder.deleteLastPathComponent()
    }
  }

  /// The first file or folder of this relative path, such as `weights/manifest.json`; nil if there
  /// is none.
  package static func path(of relativePath: String) -> String? {
    homes.lazy.map { ($0 == "/" ? "" : $0) + "/" + relativePath }
      .first(where: FileManager.default.fileExists)
  }

  /// The program's file, links followed.
  private static var executable: String {
    guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(path) }
    return String(cString: path)
  }
}
