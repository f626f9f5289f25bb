import Foundation
import TestSupport
import Testing
import Weights

/// What tells tensors apart, and counts what is read of them.
@Suite struct IdentityTests {
  @Test func equalBytesOfAFileAreOneIdentity() throws {
    let path = fixture("types.safetensors")
    let (first, second) = (try WeightFile(path: path), try WeightFile(path: path))
    #expect(first.tensors.map(\.identity) == second.tensors.map(\.identity))
    #expect(Set(first.tensors.map(\.identity)).count == first.tensors.count)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let (third, fourth) = (
      try WeightFile(bytes: bytes, name: path), try WeightFile(bytes: bytes, name: path)
    )
    #expect(third["float32"]?.identity == third["float32"]?.identity)
    #expect(third["float32"]?.identity != fourth["float32"]?.identity)
    #expect(third["float32"]?.identity != first["float32"]?.identity)
  }

  /// A file that is written anew is another one, even at the same place with the same size.
  @Test func aChangedFileIsAnother() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("weights.safetensors")
    func identity(_ value: Float) throws -> WeightTensor.Identity? {
      var writer = SafetensorsWriter()
      writer.add("x", shape: [1]) { [value] }
      try writer.write(to: path)
      return try WeightFile(path: path)["x"]?.identity
    }
    #expect(try identity(1) != identity(2))
  }

  @Test func rowsAreThoseOfTheTensor() throws {
    let file = try WeightFile(path: fixture("types.safetensors"))
    for name in ["float32", "float16", "int8"] {
      let tensor = try #require(file[name])
      let values = try tensor.floats()
      #expect(try tensor.row(0) + tensor.row(1) == values, "\(name)")
    }
    let views = try WeightFile(path: fixture("views.pt"))
    for tensor in views.tensors where tensor.shape.count == 2 {
      #expect(try (0..<tensor.shape[0]).flatMap { try tensor.row($0) } == tensor.floats())
    }
  }
}
