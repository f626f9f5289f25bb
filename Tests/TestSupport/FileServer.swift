import Foundation

/// A server on loopback that serves a folder: Tests/Fixtures/file_server.py, which says how.
package final class FileServer {
  package let url: String
  private let process = Process()
  private let log: FileHandle
  private let logPath: String

  /// Starts serving `folder`.
  package init(folder: String, from here: String = #filePath) throws {
    let script = URL(fileURLWithPath: here).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/file_server.py").path
    logPath = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-server-\(UUID().uuidString)").path
    _ = FileManager.default.createFile(atPath: logPath, contents: nil)
    log = FileHandle(forWritingAtPath: logPath)!
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", script, folder]
    process.standardOutput = log
    try process.run()
    var port: Substring?
    for _ in 0..<1000 where port == nil {
      Thread.sleep(forTimeInterval: 0.01)
      let text = try String(contentsOfFile: logPath, encoding: .utf8)
      if text.contains("\n") { port = text.prefix { $0 != "\n" } }
    }
    guard let port else { throw CocoaError(.executableRuntimeMismatch) }
    url = "http://127.0.0.1:\(port)"
  }

  deinit {
    // Not SIGTERM: the thread that started the process may have handed down a mask that blocks it.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: logPath)
  }

  /// The requests so far: path, and range or `-`.
  package var requests: [String] {
    get throws {
      try String(contentsOfFile: logPath, encoding: .utf8).split(separator: "\n").dropFirst()
        .map(String.init)
    }
  }
}
