import Foundation
import Imaging
import Testing
import TestSupport

/// Files that a command would overwrite, and output that gets nowhere.
@Suite struct NothingIsLostTests {
  @Test func noFileIsReadAndWritten() throws {
    let folder = try TemporaryFolder()
    let picture = folder.path("in.png")
    try PNG.write(Image(width: 16, height: 16, color: SIMD3(0, 0, 1)), to: picture)
    // The same file by another name.
    let link = folder.path("link.png")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: picture)
    let before = try folder.bytes("in.png")
    for arguments in [
      ["vqgan", "encode", picture, "-o", picture], ["vqgan", "reconstruct", picture, "-o", link],
      ["weights", "convert", picture, picture],
      ["render", "a star", "--init-image", link, "-o", picture],
    ] {
      let outcome = try tessera(arguments)
      #expect(outcome.status == 1 && outcome.errors.contains("is also what is read"), "\(outcome)")
      #expect(try folder.bytes("in.png") == before)
    }
  }

  @Test func anUnfinishedRenderIsNotReplaced() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("hours".utf8), as: "a.png.resume")
    let outcome = try tessera(["render", "a star", "-o", folder.path("a.png")])
    #expect(outcome.status == 1 && outcome.errors.contains("'tessera resume'"), "\(outcome)")
    #expect(try folder.text("a.png.resume") == "hours")
  }

  @Test func namesOfOtherFormatsAreRefused() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(["render", "a star", "-o", folder.path("a.JPG")])
    #expect(outcome.status == 1 && outcome.errors.contains("name it .png"), "\(outcome)")
  }

  @Test func whatIsReplacedKeepsItsPermissions() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a.png")
    for mode in [0o600, 0o640] {
      try PNG.write(Image(width: 1, height: 1, color: .zero), to: path)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      try PNG.write(Image(width: 2, height: 1, color: .zero), to: path)
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == mode)
    }
  }

  @Test(arguments: ["devices", "--help", "weights list"])
  func aFullDiskIsToldOf(_ command: String) throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "exec '\(executablePath)' \(command) > /dev/full"]
    let errors = Pipe()
    shell.standardError = errors
    try shell.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 1 && text.contains("standard output"), "\(text)")
  }

  /// Weights that are not numbers give no score.
  @Test func damagedWeightsAreFound() throws {
    let folder = try TemporaryFolder()
    let starter = URL(fileURLWithPath: repositoryFile("weights/starter"))
    for name in ["merges.txt", "clip.safetensors"] {
      try folder.write(Data(contentsOf: starter.appendingPathComponent(name)), as: name)
    }
    var bytes = try folder.bytes("clip.safetensors")
    let header = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let values = (8 + header)..<bytes.count
    bytes.replaceSubrange(values, with: Data(repeating: 0xff, count: values.count))
    try folder.write(bytes, as: "clip.safetensors")
    try PNG.write(Image(width: 64, height: 64, color: .zero), to: folder.path("a.png"))
    let outcome = try tessera([
      "clip", "score", "--image", folder.path("a.png"), "--text", "a star", "--clip",
      folder.path("clip.safetensors"), "--device", "cpu",
    ])
    #expect(outcome.status == 1 && outcome.errors.contains("not a number"), "\(outcome)")
  }
}
