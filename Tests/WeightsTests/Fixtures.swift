import Foundation
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

/// `value` as little-endian bytes.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// A safetensors file with this header text and `dataCount` zero bytes.
func safetensors(_ header: String, dataCount: Int) -> [UInt8] {
  little(UInt64(header.utf8.count)) + header.utf8 + [UInt8](repeating: 0, count: dataCount)
}

/// A zip archive with stored records, 32-bit directory and no checksums.
func archive(_ records: [(name: String, bytes: [UInt8])]) -> [UInt8] {
  var file: [UInt8] = []
  var directory: [UInt8] = []
  for (name, bytes) in records {
    let sizes = little(UInt32(0)) + little(UInt32(bytes.count)) + little(UInt32(bytes.count))
    let lengths = little(UInt16(name.utf8.count)) + little(UInt16(0))
    let stored: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]  // flags, method, time, date
    directory += little(UInt32(0x0201_4b50)) + [20, 0, 20, 0] + stored + sizes + lengths
    directory += [UInt8](repeating: 0, count: 10) + little(UInt32(file.count)) + name.utf8
    file += little(UInt32(0x0403_4b50)) + [20, 0] + stored + sizes + lengths + name.utf8 + bytes
  }
  let end =
    little(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + little(UInt16(records.count))
    + little(UInt16(records.count)) + little(UInt32(directory.count)) + little(UInt32(file.count))
    + [0, 0]
  return file + directory + end
}

/// A torch archive whose data.pkl is `pickle`, with one record of 6 floats, 0 to 5, named "0".
func checkpoint(pickle: [UInt8], byteOrder: String = "little") -> [UInt8] {
  let floats = (0..<6).flatMap { little(Float($0).bitPattern) }
  return archive([
    ("model/data.pkl", pickle), ("model/byteorder", Array(byteOrder.utf8)),
    ("model/data/0", floats),
  ])
}

/// Pickled text.
func unicode(_ text: String) -> [UInt8] { [0x58] + little(UInt32(text.utf8.count)) + text.utf8 }

/// A pickled integer.
func long(_ value: Int) -> [UInt8] { [0x8a, 8] + little(Int64(value)) }

/// A pickled tuple.
func tuple(_ items: [[UInt8]]) -> [UInt8] { [UInt8(ascii: "(")] + items.joined() + [0x74] }

/// A pickled view of the record of `checkpoint`.
func view(
  shape: [Int], strides: [Int], offset: Int = 0, storage: String = "torch\nFloatStorage",
  key: String = "0", count: Int = 6
) -> [UInt8] {
  let id = tuple([
    unicode("storage"), [0x63] + "\(storage)\n".utf8, unicode(key), unicode("cpu"), long(count),
  ])
  let arguments = tuple([
    id + [0x51], long(offset), tuple(shape.map(long)), tuple(strides.map(long)), [0x89], [0x4e],
  ])
  return [0x63] + "torch._utils\n_rebuild_tensor_v2\n".utf8 + arguments + [0x52]
}

/// The pickle of {"w": value}.
func pickle(_ value: [UInt8]) -> [UInt8] {
  [0x80, 2, 0x7d] + unicode("w") + value + [0x73, 0x2e]
}

/// The error that `body` throws, which must be a `WeightError`.
func weightError(
  _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> WeightError? {
  #expect(throws: WeightError.self, sourceLocation: sourceLocation) { try body() }
}
