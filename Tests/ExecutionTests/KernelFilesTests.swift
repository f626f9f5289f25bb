import Foundation
import Kernels
import Testing

/// What every file of kernels keeps to.
@Suite struct KernelFilesTests {
  /// A driver keeps a function that is not static with every program that includes it, used or not:
  /// on PoCL those were 40 MB of a step's memory and half of the time of a first start.
  @Test func functionsAreStatic() throws {
    let paths = FileManager.default.enumerator(
      at: try #require(KernelLibrary.root), includingPropertiesForKeys: nil)
    let files = try #require(paths).compactMap { $0 as? URL }.filter { $0.pathExtension == "cl" }
    #expect(files.count > 50)
    for file in files {
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where line.contains(/^[A-Za-z_][\w *]*[ *]\w+\(/) {
        let before = index > 0 ? lines[index - 1].lowercased() : ""
        let isKernel = line.contains("__kernel") || before.contains("kernel")
        let isStatic = line.contains("OVERLOADED")
          || ["static ", "typedef "].contains { line.hasPrefix($0) }
        #expect(isKernel || isStatic, "\(file.lastPathComponent):\(index + 1): \(line)")
      }
    }
  }
}
