import Foundation
import Imaging

/// Decodes the bytes as a JPEG, unless a frame asks for a picture that only costs time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  // A frame's marker, length and precision, then height and width in 16 bits each.
  for i in 0..<max(0, count - 8) where bytes[i] == 0xff && (0xc0...0xcf).contains(bytes[i + 1]) {
    guard bytes[i + 5] == 0, bytes[i + 7] == 0 else { return 0 }
  }
  do {
    _ = try JPEG.decode(Data(bytes))
  } catch {
    _ = error.description
  }
  return 0
}
