/// `value` as little-endian bytes.
package func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// A safetensors file with this header text and `dataCount` zero bytes.
package func safetensors(_ header: String, dataCount: Int) -> [UInt8] {
  little(UInt64(header.utf8.count)) + header.utf8 + [UInt8](repeating: 0, count: dataCount)
}

/// One record of a zip archive, and what its headers say of it, which may be a lie.
package struct ZipRecord {
  var name: [UInt8]
  var bytes: [UInt8]
  var method: UInt16 = 0
  var flags: UInt16 = 0
  var checksum: UInt32 = 0
  var storedSize: UInt32
  var size: UInt32
  /// Where the directory says that the record lies; nil for where it does.
  var headerOffset: UInt32?
  /// The extra field of the directory's entry.
  var extra: [UInt8] = []
  /// The name in the record's own header; nil for the same.
  var localName: [UInt8]?

  package init(_ name: String, _ bytes: [UInt8]) {
    self.name = Array(name.utf8)
    self.bytes = bytes
    storedSize = UInt32(bytes.count)
    size = UInt32(bytes.count)
  }

  /// A copy with `change` made.
  func with(_ change: (inout ZipRecord) -> Void) -> ZipRecord {
    var copy = self
    change(&copy)
    return copy
  }
}

/// A zip archive with stored records, 32-bit directory and no checksums.
package func archive(_ records: [(name: String, bytes: [UInt8])]) -> [UInt8] {
  archive(records.map { ZipRecord($0.name, $0.bytes) })
}

/// A zip archive of these records.
///
/// - Parameters:
///   - count: how many there are, as its end says; nil for the truth.
///   - beforeEnd: bytes between the directory and the end record.
///   - start: where the directory begins, as the end says; nil for the truth.
package func archive(
  _ records: [ZipRecord], count: UInt16? = nil, beforeEnd: [UInt8] = [], start: UInt32? = nil
) -> [UInt8] {
  var file: [UInt8] = []
  var directory: [UInt8] = []
  for record in records {
    let description =
      little(record.flags) + little(record.method) + [0, 0, 0, 0] + little(record.checksum)
      + little(record.storedSize) + little(record.size)
    directory += little(UInt32(0x0201_4b50)) + [20, 0, 20, 0] + description
    directory += little(UInt16(record.name.count)) + little(UInt16(record.extra.count))
    directory += [UInt8](repeating: 0, count: 10)
    directory += little(record.headerOffset ?? UInt32(file.count)) + record.name + record.extra
    let localName = record.localName ?? record.name
    file += little(UInt32(0x0403_4b50)) + [20, 0] + description
    file += little(UInt16(localName.count)) + [0, 0] + localName + record.bytes
  }
  let count = little(count ?? UInt16(records.count))
  let end =
    little(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + count + count + little(UInt32(directory.count))
    + little(start ?? UInt32(file.count)) + [0, 0]
  return file + directory + beforeEnd + end
}

/// A torch archive whose data.pkl is `pickle`, with one record of 6 floats, 0 to 5, named "0".
package func checkpoint(pickle: [UInt8], byteOrder: String = "little") -> [UInt8] {
  let floats = (0..<6).flatMap { little(Float($0).bitPattern) }
  return archive([
    ("model/data.pkl", pickle), ("model/byteorder", Array(byteOrder.utf8)),
    ("model/data/0", floats),
  ])
}

/// Pickled text.
package func unicode(_ text: String) -> [UInt8] {
  [0x58] + little(UInt32(text.utf8.count)) + text.utf8
}

/// A pickled integer.
package func long(_ value: Int) -> [UInt8] { [0x8a, 8] + little(Int64(value)) }

/// A pickled tuple.
package func tuple(_ items: [[UInt8]]) -> [UInt8] { [UInt8(ascii: "(")] + items.joined() + [0x74] }

/// A pickled view of the record of `checkpoint`.
package func view(
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
package func pickle(_ value: [UInt8]) -> [UInt8] {
  [0x80, 2, 0x7d] + unicode("w") + value + [0x73, 0x2e]
}
