import Foundation
import Imaging
import Support
import Weights

/// Embeddings of a folder's pictures, kept on disk.
///
/// The file: `TESSIDX1`, the CRC-32 of what follows, then in little-endian order the model, the
/// components of an embedding, the number of pictures, and for each its name, size, time and
/// embedding. Texts are a length and UTF-8. Whatever is not as it should be counts as no index.
struct PictureIndex: Equatable {
  /// What the embeddings were made by: the weights' path, size and time, and how pictures are
  /// prepared.
  let model: String
  /// Components of an embedding.
  let width: Int
  var embeddings: [PictureFile: [Float]] = [:]

  private static let magic = Array("TESSIDX1".utf8)

  init(model: String, width: Int) {
    self.model = model
    self.width = width
  }

  /// The index at `path`, empty if there is none of this model, or a damaged one.
  init(path: String, model: String, width: Int) {
    self.init(model: model, width: width)
    if let data = FileManager.default.contents(atPath: path), let stored = Self(encoded: data),
      stored.model == model, stored.width == width
    {
      self = stored
    }
  }

  /// Writes the index, whole or not at all, making the folder it lies in.
  func write(to path: String) throws(FileError) {
    try? FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try AtomicFile.write(encoded, to: path)
  }

  // MARK: The file

  var encoded: Data {
    var body = Data()
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { body.append(contentsOf: $0) }
    }
    func append(_ text: String) {
      append(UInt32(text.utf8.count))
      body.append(contentsOf: text.utf8)
    }
    append(model)
    append(UInt32(width))
    append(UInt32(embeddings.count))
    for (file, embedding) in embeddings.sorted(by: { $0.key.name < $1.key.name }) {
      append(file.name)
      append(file.size)
      append(file.modified)
      for value in embedding { append(value.bitPattern) }
    }
    let sum = withUnsafeBytes(of: Self.checksum(body).littleEndian) { Array($0) }
    return Data(Self.magic + sum) + body
  }

  /// nil if `data` is no index, or a damaged one.
  init?(encoded data: Data) {
    let heading = Self.magic.count + 4
    guard data.count > heading, data.starts(with: Self.magic) else { return nil }
    var head = ByteReader(data.dropFirst(Self.magic.count))
    let body = Data(data.dropFirst(heading))
    guard head.number(UInt32.self) == Self.checksum(body) else { return nil }
    var reader = ByteReader(body)
    guard let model = reader.text(), let width = reader.number(UInt32.self),
      let count = reader.number(UInt32.self)
    else { return nil }
    self.init(model: model, width: Int(width))
    for _ in 0..<count {
      guard let name = reader.text(), let size = reader.number(Int64.self),
        let modified = reader.number(Int64.self), let embedding = reader.floats(self.width)
      else { return nil }
      embeddings[PictureFile(name: name, size: size, modified: modified)] = embedding
    }
    guard reader.isAtEnd else { return nil }
  }

  private static func checksum(_ data: Data) -> UInt32 {
    data.withUnsafeBytes { crc32($0) }
  }
}

/// Takes numbers and texts off the front of bytes; nil where they end too early.
private struct ByteReader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ data: Data) { bytes = Array(data) }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func number<N: FixedWidthInteger>(_: N.Type) -> N? {
    let size = MemoryLayout<N>.size
    guard bytes.count - offset >= size else { return nil }
    defer { offset += size }
    return N(
      littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: N.self) })
  }

  mutating func text() -> String? {
    guard let count = number(UInt32.self).map(Int.init), bytes.count - offset >= count else {
      return nil
    }
    defer { offset += count }
    return String(validating: bytes[offset..<offset + count], as: UTF8.self)
  }

  mutating func floats(_ count: Int) -> [Float]? {
    guard (bytes.count - offset) / 4 >= count else { return nil }
    return (0..<count).map { _ in Float(bitPattern: number(UInt32.self)!) }
  }
}
