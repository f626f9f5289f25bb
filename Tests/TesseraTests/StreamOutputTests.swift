import Foundation
import Imaging
import Testing
import TestSupport

/// Pictures that go to the standard output, to a descriptor or a pipe.
@Suite struct StreamOutputTests {
  private let folder = try! TemporaryFolder()

  private func shell(_ script: String) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, executablePath, folder.path("")]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["TESSERA_HOME": repositoryFile(""), "R": "--size 32 --steps 2 --cutouts 2 --starts 1 --device cpu"]
    ) { $1 }
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  @Test(arguments: [
    #""$0" render "a star" -o - $R | cat > out.png"#,
    #""$0" render "a star" -o - $R > out.png"#,
    #""$0" render "a star" -o /dev/stdout $R | cat > out.png"#,
    #""$0" render "a star" -o /dev/fd/3 $R 3> out.png"#,
    #"mkfifo p; cat p > out.png & "$0" render "a star" -o p $R; wait"#,
    #""$0" vqgan reconstruct "$TESSERA_HOME/Tests/Fixtures/pictures/tiny.png" -o - --device cpu | cat > out.png"#,
  ])
  func aPictureArrives(_ script: String) throws {
    let outcome = try shell(script)
    #expect(outcome.status == 0, "\(outcome)")
    let picture = try PNG.read(folder.path("out.png")).image
    #expect(picture.width > 0)
    #expect(try folder.contents.filter { $0 != "p" } == ["out.png"])
  }

  /// A file that output is appended to keeps its lines.
  @Test func aLogIsNotReplaced() throws {
    let outcome = try shell(#"echo line > log; "$0" render "a star" -o /dev/stdout $R >> log"#)
    #expect(outcome.status == 0, "\(outcome)")
    let log = try folder.bytes("log")
    #expect(log.starts(with: Data("line\n".utf8)) && log.count > 1000)
    #expect(try folder.contents == ["log"])
  }

  @Test(arguments: [
    (#""$0" render "a star" -o - --json $R | cat"#, "both go to the standard output"),
    (#""$0" render "a star" -o - --save-every 1 $R | cat"#, "--save-every needs a file"),
    (#""$0" clip search "$TESSERA_HOME/Tests/Fixtures/pictures" star --sheet - | cat"#, "name a file"),
  ])
  func whatCannotBeDoneIsSaid(_ script: String, _ text: String) throws {
    let outcome = try shell(script)
    #expect(outcome.errors.contains(text), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }
}
