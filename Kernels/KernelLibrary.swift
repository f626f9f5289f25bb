import Foundation
import Support
import Synchronization

/// The OpenCL C sources shipped with the package, found by the name of their entry point.
package enum KernelLibrary {
  /// Folder that holds one sub-folder per kernel family: a build's copy beside the program, or
  /// `Kernels` in one of ``InstalledFiles/homes``; nil if there is none.
  package static let root: URL? = ["tessera_Kernels.resources", "Kernels"].lazy
    .compactMap(InstalledFiles.path).first.map { URL(fileURLWithPath: $0, isDirectory: true) }

  /// A kernel file that is not there, or includes one that is not.
  package struct MissingSource: Error, CustomStringConvertible {
    package let description: String
  }

  /// `prelude` and the text of `<family>/<name>.cl`, with every `#include "…"` of either replaced by
  /// what it names, once.
  /// - Throws: ``MissingSource`` naming the file and where it was looked for.
  package static func source(named name: String, after prelude: String) throws -> String {
    guard let root else {
      throw MissingSource(
        description: "the kernels are not found (no folder Kernels under "
          + InstalledFiles.homes.joined(separator: ", ")
          + "): reinstall Tessera, or set TESSERA_HOME to its folder")
    }
    guard let file = files[name] else {
      throw MissingSource(
        description: "there is no kernel \(name).cl under \(root.path): reinstall Tessera")
    }
    var included: Set<String> = []
    let text = try expand(prelude, from: root, including: &included)
      + expand(try text(of: file), from: root, including: &included)
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
        throw MissingSource(description: "cannot read \(file.path): reinstall Tessera")
      }
      texts[file] = text
      return text
    }
  }

  private static let files: [String: URL] = {
    guard let root else { return [:] }
    var files: [String: URL] = [:]
    let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    while let url = walk?.nextObject() as? URL {
      guard url.pathExtension == "cl", url.deletingLastPathComponent().lastPathComponent != "common"
      else { continue }
      files[url.deletingPathExtension().lastPathComponent] = url
    }
    return files
  }()

  private static func expand(
    _ text: String, from root: URL, including included: inout Set<String>
  ) throws -> String {
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("#include \"") else {
        lines.append(line)
        continue
      }
      let path = String(line.dropFirst("#include \"".count).prefix { $0 != "\"" })
      guard included.insert(path).inserted else { continue }
      let file = try Self.text(of: root.appendingPathComponent(path))
      lines.append(Substring(try expand(file, from: root, including: &included)))
    }
    return lines.joined(separator: "\n")
  }
}
