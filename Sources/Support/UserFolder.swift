import Foundation

/// Tessera's folders in the user's home, by the XDG Base Directory Specification; nil for a user
/// without a home directory.
package enum UserFolder {
  /// What was fetched, and stays: `$XDG_DATA_HOME/tessera`, by default under `~/.local/share`.
  package static var data: String? { path(variable: "XDG_DATA_HOME", byDefault: ".local/share") }

  /// What can be made again: `$XDG_CACHE_HOME/tessera`, by default under `~/.cache`.
  package static var cache: String? { path(variable: "XDG_CACHE_HOME", byDefault: ".cache") }

  private static func path(variable: String, byDefault folder: String) -> String? {
    let environment = ProcessInfo.processInfo.environment
    return path(
      named: environment[variable], byDefault: folder, home: environment["HOME"] ?? accountHome)
  }

  /// The folder `tessera` of the one that a variable names, or of the default below `home`.
  /// Relative paths are ignored, as the specification demands.
  package static func path(named: String?, byDefault folder: String, home: String?) -> String? {
    if let named, named.hasPrefix("/") { return named + "/tessera" }
    guard let home, home.hasPrefix("/") else { return nil }
    return (home == "/" ? "" : home) + "/" + folder + "/tessera"
  }

  /// The home directory that the user database has, for processes started without `HOME`.
  private static var accountHome: String? {
    getpwuid(geteuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
  }
}
