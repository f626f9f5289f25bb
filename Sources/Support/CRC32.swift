import CZlib

/// The CRC-32 of zip.
///
/// - Parameter previous: the checksum of the bytes before these; 0 at the start.
package func crc32(_ bytes: UnsafeRawBufferPointer, after previous: UInt32 = 0) -> UInt32 {
  czlib_crc32(previous, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
}
