import Foundation

/// A folder that lives as long as the value.
package final class TemporaryFolder {
  private let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("tessera-\(UUID().uuidString)")

  package init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  package var path: String { url.path }

  package func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  package func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  package func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }

  package func write(_ data: Data, as name: String) throws {
    try data.write(to: URL(fileURLWithPath: path(name)))
  }

  package func newFile(_ name: String) throws -> FileHandle {
    try write(Data(), as: name)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path(name)))
  }

  package var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }
}
