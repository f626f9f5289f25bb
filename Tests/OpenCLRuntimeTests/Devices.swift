import OpenCLRuntime
import Testing

/// Every device of this machine. Each law of the runtime is tested on all of them.
///
/// Under Oclgrind (`OCL_ICD_VENDORS=…/liboclgrind-rt-icd.so`) run the tests with `--no-parallel`:
/// its simulator is not thread-safe.
let everyDevice: [Device] = try! Device.all()

extension Device: CustomTestStringConvertible {
  public var testDescription: String { description }
}

extension Queue {
  func write<T: BitwiseCopyable>(_ values: [T], to buffer: Buffer, at offset: Int = 0) throws {
    try values.withUnsafeBytes { try write($0, to: buffer, at: offset) }
  }

  func read<T: BitwiseCopyable>(
    _ buffer: Buffer, at offset: Int = 0, count: Int, of zero: T
  ) throws -> [T] {
    var values = [T](repeating: zero, count: count)
    try values.withUnsafeMutableBytes { try read(buffer, at: offset, into: $0) }
    return values
  }
}

/// The description of the error `body` throws.
func failure(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "(nothing was thrown)"
  } catch {
    return "\(error)"
  }
}
