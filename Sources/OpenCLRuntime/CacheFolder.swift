import Foundation

/// Where what can be made again is kept between runs.
package enum CacheFolder {
  /// `$XDG_CACHE_HOME/tessera`, by default under `~/.cache`; nil without a home directory.
  package static var standard: URL? {
    let environment = ProcessInfo.processInfo.environment
    return standard(cacheHome: environment["XDG_CACHE_HOME"], home: environment["HOME"])
  }

  /// The XDG base directory specification has relative paths ignored.
  package static func standard(cacheHome: String?, home: String?) -> URL? {
    func absolute(_ path: String?) -> URL? {
      guard let path, path.hasPrefix("/") else { return nil }
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    let base = absolute(cacheHome) ?? absolute(home)?.appendingPathComponent(".cache")
    return base?.appendingPathComponent("tessera")
  }
}
