import Foundation
import TestSupport
import Testing
import Weights

/// The path of a file that Tests/Fixtures/make_weights.py made.
func fixture(_ name: String, from file: String = #filePath) -> String {
  URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/weights/\(name)").path
}

/// A folder that lives as long as the value.
final class TemporaryFolder: Sendable {
  private let url = FileManager.default.temporaryDirectory
    .appending(path: "tessera-weights-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes `bytes` to a file of this name and returns its path.
  func write(_ bytes: [UInt8], as name: String = "weights") throws -> String {
    try Data(bytes).write(to: URL(filePath: path(name)))
    return path(name)
  }

  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path) }
  }
}

func contents(of path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(filePath: path)))
}

/// The error that `body` throws, which must be a `WeightError`.
func weightError(
  _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> WeightError? {
  #expect(throws: WeightError.self, sourceLocation: sourceLocation) { try body() }
}
