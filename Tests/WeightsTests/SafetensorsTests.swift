import Foundation
import TestSupport
import Testing
import Weights

/// What is wrong with safetensors is in TestSupport/Hostile.
@Suite struct SafetensorsTests {
  @Test func headerInAnyLawfulSpelling() throws {
    let folder = try TemporaryFolder()
    let header = """
      { "\\u0061\\ud83d\\ude00" : { "shape" : [ 2 , 1 ] , "data_offsets" : [ 0 , 2 ] ,
      \t"dtype" : "U8" } , "z" : {"dtype":"F32","shape":[0,9223372036854775807],\
      "data_offsets":[2,2]} }   \

      """
    let file = try WeightFile(path: try folder.write(safetensors(header, dataCount: 2)))
    #expect(file.tensors.map(\.name) == ["a😀", "z"])
    #expect(file.tensors.map(\.shape) == [[2, 1], [0, .max]])
  }
}

@Suite struct WriterTests {
  @Test(arguments: [SafetensorsWriter.Precision.float32, .float16])
  func roundTrip(precision: SafetensorsWriter.Precision) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("out.safetensors")
    let metadata = ["quote\"\\": "line\nbreak é", "b": ""]
    let values: [Float] = [0, -0, 1.5, 65504, 0x1p-24, -.infinity]
    var writer = SafetensorsWriter(precision: precision, metadata: metadata)
    writer.add("odd", shape: [1]) { [7] }
    writer.add("na\"me", shape: [2, 3]) { values }
    writer.add("empty", shape: [3, 0]) { [] }
    writer.add("scalar", shape: []) { [2] }
    try writer.write(to: path)

    let file = try WeightFile(path: path)
    #expect(file.metadata == metadata)
    #expect(file.tensors.map(\.name) == ["odd", "na\"me", "empty", "scalar"])
    #expect(file.tensors.map(\.shape) == [[1], [2, 3], [3, 0], []])
    #expect(file.tensors.allSatisfy { $0.scalar == precision.scalar })
    #expect(try file["na\"me"]?.floats().map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try folder.contents == ["out.safetensors"])
  }

  @Test func valuesBeyondHalfAreRefusedAndTheOldFileStays() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1, 2, 3], as: "out")
    var writer = SafetensorsWriter(precision: .float16)
    writer.add("w", shape: [2]) { [1, 65520] }
    let error = weightError { try writer.write(to: path) }
    #expect(error == .exceedsHalf(file: path, name: "w", element: 1, value: 65520))
    #expect(try contents(of: path) == [1, 2, 3])
    #expect(try folder.contents == ["out"])
  }

  @Test func aFolderThatIsNotThere() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("none/out")
    let error = weightError { try SafetensorsWriter().write(to: path) }
    let reason = "there is no folder \(folder.path("none"))/; make it first"
    #expect(error == .unwritable(file: path, reason: reason))
  }

  /// A name that leaves no room for a longer one beside it; a link to a file with a mode of its own.
  @Test func longNamesAndLinks() throws {
    let folder = try TemporaryFolder()
    let path = folder.path(String(repeating: "n", count: 255))
    try SafetensorsWriter().write(to: path)
    try #require(chmod(path, 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: path)
    var writer = SafetensorsWriter()
    writer.add("x", shape: [1]) { [7] }
    try writer.write(to: folder.path("link"))
    #expect(try WeightFile(path: path)["x"]?.floats() == [7])
    #expect(try folder.contents.count == 2)
    var status = stat()
    try #require(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }
}
