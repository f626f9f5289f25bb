import Foundation

/// Where Tessera keeps things of its user, by the XDG Base Directory Specification.
package enum UserFolder {
  /// What was fetched, and stays.
  package static var data: String { path(variable: "XDG_DATA_HOME", byDefault: ".local/share") }

  /// What can be made again.
  package static var cache: String { path(variable: "XDG_CACHE_HOME", byDefault: ".cache") }

  /// The specification has relative paths ignored.
  private static func path(variable: String, byDefault folder: String) -> String {
    let named = ProcessInfo.processInfo.environment[variable].flatMap {
      $0.hasPrefix("/") ? $0 : nil
    }
    return (named ?? NSHomeDirectory() + "/" + folder) + "/tessera"
  }
}
