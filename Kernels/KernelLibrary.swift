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

  /// `prelude` and the text of `<family>/<name>.cl`, with every `#include "…"` of either replaced by
  /// what it names, once.
  /// - Throws: ``MissingSource`` naming the file and where it was looked for.
  package static func source(named name: String, after prelude: String) throws -> String {
    guard let file = files[name] else {
      throw MissingSource(
        description: "there is no kernel \(name).cl under \(root.path): reinstall the kernels")
    }
    var included: Set<String> = []
    let text = try expand(prelude, including: &included)
      + expand(try text(of: file), including: &included)
    // PoCL 3.1 crashes on static functions beside barriers. Others it keeps, used or not, with every
    // program, so where there is no barrier they are static.
    return text.contains("barrier(") ? "#define static\n" + text : text
  }

  /// Names of all kernels, sorted.
  package static var names: [String] { files.keys.sorted() }

  private static let texts = Mutex<[URL: String]>([:])

  private static func text(of file: URL) throws -> String {
    try texts.withLock { texts in
      if let known = texts[file] { return known }
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw MissingSource(description: "cannot read \(file.path): reinstall the kernels")
      }
      texts[file] = text
      return text
    }
  }

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

  private static func expand(_ text: String, including included: inout Set<String>) throws -> String {
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("#include \"") else {
        lines.append(line)
        continue
      }
      let path = String(line.dropFirst("#include \"".count).prefix { $0 != "\"" })
      guard included.insert(path).inserted else { continue }
      let file = try Self.text(of: root.appendingPathComponent(path))
      lines.append(Substring(try expand(file, including: &included)))
    }
    return lines.joined(separator: "\n")
  }
}
