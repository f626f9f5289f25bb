import Execution
import Foundation
import Imaging
import Inference
import TestSupport
import Testing
import Weights

@Suite struct PictureCodecTests {
  /// A fixture's picture, in 0…1.
  private func original(_ name: String) throws -> Image {
    let (values, shape) = try Originals("vqgan").channelsLast("\(name).picture")
    return Image(width: shape[2], height: shape[1], pixels: values.map { ($0 + 1) / 2 })
  }

  @Test(arguments: ComputeDevice.all(), ["square", "tall"])
  func codesAndPictureAreTheOriginals(device: ComputeDevice, name: String) throws {
    let generator = try PictureCodec(Originals.generator, device: device)
    let grid = try generator.encode(original(name))
    #expect(grid.codes.map(Float.init) == (try Originals("vqgan").floats("\(name).codes")))
    let decoded = try Originals("vqgan").channelsLast("\(name).decoded").values
    let expected = decoded.map { min(max(($0 + 1) / 2, 0), 1) }
    #expect(largestError(try generator.decode(grid).pixels, expected) < 1e-4)
  }

  /// A picture that is no multiple of a code keeps its size, and the codes it shares with a larger.
  @Test func anySizeComesBack() throws {
    let generator = try PictureCodec(Originals.generator, device: .cpu)
    let picture = try original("square").cropped(width: 61, height: 50)
    let grid = try generator.encode(picture)
    #expect(grid.rows == 7 && grid.columns == 8 && grid.width == 61 && grid.height == 50)
    let again = try generator.decode(grid)
    #expect(again.width == 61 && again.height == 50)
    let padded = try generator.encode(picture.extended(width: 64, height: 56))
    #expect(padded.codes == grid.codes)
  }

  @Test func theFileKeepsAll() throws {
    let grid = CodeGrid(
      codes: [0, 5, 511, 3, 2, 1], rows: 2, columns: 3, width: 20, height: 16,
      model: "a \"b\".ckpt", codebookCount: 512)
    let path = NSTemporaryDirectory() + "codes-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try grid.write(to: path)
    #expect(try CodeGrid(contentsOf: path) == grid)
    #expect(try WeightFile(path: path).tensors[0].scalar == .int32)
  }

  private static let sound = ["codes": "512", "width": "16", "height": "8"]

  private static func sound(but key: String, _ value: String?) -> [String: String] {
    var metadata = sound
    metadata[key] = value
    return metadata
  }

  @Test(arguments: [
    (sound, [0, 512], [1, 2], "code 512 at row 0, column 1"),
    (sound, [-1, 0], [1, 2], "code -1 at row 0, column 0"),
    (sound, [0, 0], [2], "no int32 tensor 'codes'"),
    (sound(but: "codes", nil), [0, 0], [1, 2], "has no 'codes'"),
    (sound(but: "width", "0"), [0, 0], [1, 2], "has no 'width'"),
    (sound(but: "height", "x"), [0, 0], [1, 2], "has no 'height'"),
    (sound(but: "width", "17"), [0, 0], [1, 2], "do not make a picture of 17×8"),
    (sound(but: "width", "8"), [0, 0], [1, 2], "do not make a picture of 8×8"),
    (sound(but: "codes", "100"), [0, 0], [1, 2], "of 100; vqgan.safetensors has 512"),
  ] as [([String: String], [Float], [Int], String)])
  func refuses(
    metadata: [String: String], codes: [Float], shape: [Int], message: String
  ) throws {
    let path = NSTemporaryDirectory() + "codes-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var writer = SafetensorsWriter(precision: .int32, metadata: metadata)
    writer.add("codes", shape: shape) { codes }
    try writer.write(to: path)
    let error = try #require(throws: (any Error).self) {
      let grid = try CodeGrid(contentsOf: path)
      _ = try PictureCodec(Originals.generator, device: .cpu).decode(grid, name: path)
    }
    #expect("\(error)".contains(message) && "\(error)".contains(path), "\(error)")
  }
}
