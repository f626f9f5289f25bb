import WeightReading

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  readWeights(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
