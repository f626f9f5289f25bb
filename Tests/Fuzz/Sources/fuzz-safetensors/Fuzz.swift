import Weights

/// Opens the bytes as a weight file and reads what it holds.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    let file = try WeightFile(bytes: bytes, name: "fuzz")
    try file.verifyChecksums()
    for tensor in file.tensors where tensor.count <= 1 << 16 { _ = try tensor.floats() }
  } catch {
    _ = error.description
  }
  return 0
}
