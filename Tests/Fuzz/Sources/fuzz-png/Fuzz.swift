import Foundation
import Imaging

/// Decodes the bytes as a PNG, unless its header asks for a picture that only costs time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let data = Data(UnsafeBufferPointer(start: start, count: count))
  let (width, height) = (bigEndian(data, at: 16), bigEndian(data, at: 20))
  guard width < 256, height < 256 else { return 0 }
  do {
    _ = try PNG.decode(data)
  } catch {
    _ = error.description
  }
  return 0
}

private func bigEndian(_ data: Data, at offset: Int) -> Int {
  data.count < offset + 4 ? 0 : data[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
}
