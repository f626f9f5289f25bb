import Foundation
import TestSupport
import Testing
import Weights

@Suite struct DamageTests {
  /// Opens a file and touches every value.
  private func readAll(_ path: String) throws {
    for tensor in try WeightFile(path: path).tensors { _ = try tensor.floats() }
  }

  @Test(arguments: [
    "types.safetensors", "types.pt", "views.pt", "lightning.ckpt", "scripted.pt", "no_checksums.pt",
  ])
  func everyTruncationIsAnError(name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try contents(of: fixture(name))
    let path = try folder.write(whole)
    for count in whole.indices.reversed() {
      try #require(truncate(path, count) == 0)
      #expect(throws: WeightError.self, "\(count) bytes") { try readAll(path) }
    }
  }

  @Test(arguments: ["types.safetensors", "types.pt", "lightning.ckpt", "no_checksums.pt"])
  func anyFlippedBitIsAnErrorOrAnotherValue(name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = try contents(of: fixture(name))
    let path = try folder.write(bytes)
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    for (position, original) in bytes.enumerated() {
      for bit in [position % 8, (position + 5) % 8] {
        var flipped = original ^ 1 << bit
        try #require(pwrite(descriptor, &flipped, 1, position) == 1)
        do { try readAll(path) } catch is WeightError {}
      }
      var restored = original
      try #require(pwrite(descriptor, &restored, 1, position) == 1)
    }
    #expect(throws: Never.self) { try readAll(path) }
  }

  @Test func checksumsFindAFlippedBitInAPickleOrATensor() throws {
    let folder = try TemporaryFolder()
    let original = try contents(of: fixture("views.pt"))
    // Element 1 of the storage, 1.0, occurs once in the file.
    let pattern = little(Float(1).bitPattern) + little(Float(2).bitPattern)
    let data = try #require(original.indices.dropLast(8).first {
      Array(original[$0..<$0 + 8]) == pattern
    })
    var bytes = original
    bytes[data] ^= 1
    let file = try WeightFile(path: try folder.write(bytes))
    let error = try #require(weightError { try file.verifyChecksums() })
    #expect(error.description.contains("the record views/data/0 differs from its checksum"))
    #expect(throws: error) { try convert(from: file.path, to: folder.path("out")) }
    #expect(try folder.contents == ["weights"])

    let name = try #require(Data(original).firstRange(of: Data("window".utf8)))
    bytes = original
    bytes[name.lowerBound] ^= 1
    let path = try folder.write(bytes)
    #expect(throws: WeightError.self) { try WeightFile(path: path) }
  }

  @Test func cutWhileOpen() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(try contents(of: fixture("types.safetensors")))
    let file = try WeightFile(path: path)
    #expect(truncate(path, 100) == 0)
    let error = weightError { _ = try file["float32"]?.floats() }
    #expect(error?.description.contains("cut from 1379 bytes while in use") == true)
  }

  @Test func unreadableFiles() throws {
    let folder = try TemporaryFolder()
    #expect(throws: WeightError.unreadable(
      file: folder.path("none"), reason: "no such file or folder; check the path")
    ) { try WeightFile(path: folder.path("none")) }
    #expect(throws: WeightError.unreadable(file: "/tmp", reason: "not a regular file")) {
      try WeightFile(path: "/tmp")
    }
  }

  @Test(arguments: [
    ("legacy.pt", "torch.save(torch.load(path"), ("repacked.pt", "compressed record"),
  ])
  func unsupportedKinds(name: String, message: String) {
    let error = weightError { _ = try WeightFile(path: fixture(name)) }
    guard case .unsupported? = error else { return #expect(Bool(false), "\(error!)") }
    #expect(error!.description.contains(message), "\(error!)")
  }
}
