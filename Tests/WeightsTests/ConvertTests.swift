import Testing
import Weights

@Suite struct ConvertTests {
  @Test(arguments: ["types.safetensors", "types.pt", "views.pt", "lightning.ckpt", "scripted.pt"])
  func keepsRealTensorsExactly(name: String) throws {
    let folder = try TemporaryFolder()
    let source = try WeightFile(path: fixture(name))
    let kept = source.tensors.filter(\.scalar.isFloatingPoint)
    for half in [false, true] {
      let report = try convert(from: source.path, to: folder.path("out"), half: half)
      let result = try WeightFile(path: folder.path("out"))
      #expect(result.tensors.map(\.name) == kept.map(\.name))
      for (a, b) in zip(result.tensors, kept) {
        #expect(a.shape == b.shape && a.scalar == (half ? .float16 : .float32))
        #expect(try a.floats() == b.floats(), "\(a.name)")
      }
      #expect(result.metadata == source.metadata)
      #expect(report.written == kept.count)
      #expect(report.skipped.count == source.tensors.count - kept.count)
      #expect(report.largestRelativeError == 0 && report.largestAbsoluteError == 0)
    }
  }

  @Test func measuresItsRounding() throws {
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter()
    writer.add("w", shape: [3]) { [1 + 0x1p-11, 0.1, 0x1p-25] }
    try writer.write(to: folder.path("w"))
    // In place: the old content stays mapped while the new file replaces it.
    let report = try convert(from: folder.path("w"), to: folder.path("w"), half: true)
    #expect(try WeightFile(path: folder.path("w"))["w"]?.floats() == [1, Float(Float16(0.1)), 0])
    #expect(report.largestRelativeError == Float(0x1p-11) / (1 + 0x1p-11))
    #expect(report.largestAbsoluteError == 0x1p-11)
  }
}
