/// The CRC-32 of zip (polynomial 0xEDB88320, reflected), eight bytes a step.
///
/// Table k holds the effect of a byte followed by k zero bytes, so eight look-ups advance eight
/// bytes at once. Method: Kounavis and Berry, "A Systematic Approach to Building High Performance
/// Software-based CRC Generators" (2005).
///
/// - Parameter previous: the checksum of the bytes before these; 0 at the start.
package func crc32(_ bytes: UnsafeRawBufferPointer, after previous: UInt32 = 0) -> UInt32 {
  crcTables.withUnsafeBufferPointer { table in
    var crc = ~previous
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let mixed = word ^ UInt64(crc)
      crc = 0
      for k in 0..<8 {
        crc ^= table[(7 - k) * 256 + Int(truncatingIfNeeded: (mixed >> UInt64(8 * k)) & 0xff)]
      }
      offset += 8
    }
    while offset < bytes.count {
      crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[offset])) & 0xff)]
      offset += 1
    }
    return ~crc
  }
}

private let crcTables: [UInt32] = {
  var tables = [UInt32](repeating: 0, count: 8 * 256)
  for byte in 0..<256 {
    var crc = UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xedb8_8320) }
    tables[byte] = crc
  }
  for i in 256..<tables.count {
    tables[i] = tables[i - 256] >> 8 ^ tables[Int(tables[i - 256] & 0xff)]
  }
  return tables
}()
