import WeightReading

/// Opens a torch archive whose pickle is the input, beside one record of 64 bytes that it may name.
/// There are no checksums, so that any change of the pickle is seen.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  readWeights(archive(of: Array(UnsafeBufferPointer(start: start, count: count))))
  return 0
}

private func archive(of pickle: [UInt8]) -> [UInt8] {
  var records: [UInt8] = []
  var directory: [UInt8] = []
  let contents = [("m/data.pkl", pickle), ("m/data/0", [UInt8](repeating: 1, count: 64))]
  for (name, bytes) in contents {
    let sizes = little(UInt32(bytes.count)) + little(UInt32(bytes.count))
    let description = [UInt8](repeating: 0, count: 12) + sizes + little(UInt16(name.utf8.count))
    directory += little(UInt32(0x0201_4b50)) + [20, 0, 20, 0] + description
    directory += [UInt8](repeating: 0, count: 12) + little(UInt32(records.count)) + name.utf8
    records += little(UInt32(0x0403_4b50)) + [20, 0] + description + [0, 0] + name.utf8 + bytes
  }
  let count = little(UInt16(contents.count))
  return records + directory + little(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + count + count
    + little(UInt32(directory.count)) + little(UInt32(records.count)) + [0, 0]
}

private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}
