import Testing
import Weights

@Suite struct SafetensorsTests {
  @Test(arguments: [
    // A header that is no object, is cut, repeats a key or holds more than the format knows.
    (#"{"#, 0, "lacks a '\"'"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x"#, 4, "text after"),
    (#"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, "dtype twice"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, "unknown field x"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "lacks its dtype, shape or data_offsets"),
    (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "the key a twice"),
    (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "a second __metadata__"),
    (#"{"\ud800x":{}}"#, 0, "lacks a '\\'"),
    (#"{"\q":{}}"#, 0, "invalid escape"),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, "two tensors are named a"
    ),
    // Numbers that are negative, fractional or too large.
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "whole number"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "lacks a ']'"),
    (#"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}"#, 4, "whole"),
    (
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967297],"data_offsets":[0,4]}}"#, 4,
      "does not take 4 bytes"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}"#, 4,
      "does not take 4 bytes"
    ),
    // Offsets that leave the file, disagree with the shape, overlap or leave gaps.
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "has data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "has data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "has data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "does not take 4 bytes"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, "bytes after the last"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "a follows a gap"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#, 6, "b overlaps"
    ),
  ])
  func badHeader(header: String, dataCount: Int, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(safetensors(header, dataCount: dataCount))
    let error = weightError { _ = try WeightFile(path: path) }
    guard case .damaged? = error else { return #expect(Bool(false), "\(error!)") }
    #expect(error!.description.contains(message), "\(error!)")
  }

  @Test func unreadableTypeIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      safetensors(#"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, dataCount: 1))
    let error = weightError { _ = try WeightFile(path: path) }
    #expect(error?.description.contains("the type F8_E4M3 of a is not supported") == true)
  }

  @Test func headerLongerThanTheFormatAllows() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(little(UInt64(100_000_001)) + Array("{}".utf8))
    let error = weightError { _ = try WeightFile(path: path) }
    #expect(error?.description.contains("longer than 100 MB") == true)
  }

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
    #expect(error == .unwritable(file: path, reason: "No such file or directory"))
  }
}
