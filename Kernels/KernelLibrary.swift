import Foundation
import Synchronization

/// The OpenCL C sources shipped with the package, found by the name of their entry point.
package enum KernelLibrary {
  /// Folder that holds one sub-folder per kernel family.
  package static let root: URL = Bundle.module.resourceURL ?? Bundle.module.bundleURL

  /// A kernel file that is not there, or includes one that is not.
  package struct MissingSource: Error, CustomStringConvertible {
    package let description: String
  }

  /// The text of `<family>/<name>.cl`, with every `#include "…"` replaced by what it names, once.
  /// - Throws: ``MissingSource`` naming the file and where it was looked for.
  package static func source(named name: String) throws -> String {
    try cache.withLock { sources in
      if let known = sources[name] { return known }
      guard let file = files[name] else {
        throw MissingSource(
          description: "there is no kernel \(name).cl under \(root.path): reinstall the kernels")
      }
      var included: Set<String> = []
      let text = try expand(file, including: &included)
      sources[name] = text
      return text
    }
  }

  /// Names of all kernels, sorted.
  package static var names: [String] { files.keys.sorted() }

  private static let cache = Mutex<[String: String]>([:])

  private static let files: [String: URL] = {
    var files: [String: URL] = [:]
    let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    while let url = walk?.nextObject() as? URL {
      guard url.pathExtension == "cl", url.deletingLastPathComponent().lastPathComponent != "common"
      else { continue }
      files[url.deletingPathExtension().lastPathComponent] = url
    }
    return files
  }()

  private static func expand(_ file: URL, including included: inout Set<String>) throws -> String {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw MissingSource(description: "cannot read \(file.path): reinstall the kernels")
    }
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("#include \"") else {
        lines.append(line)
        continue
      }
      let path = String(line.dropFirst("#include \"".count).prefix { $0 != "\"" })
      guard included.insert(path).inserted else { continue }
      lines.append(Substring(try expand(root.appendingPathComponent(path), including: &included)))
    }
    return lines.joined(separator: "\n")
  }
}
