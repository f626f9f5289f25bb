/// The number type in which a file stores a tensor.
public enum WeightScalar: String, CaseIterable, Sendable {
  case float64, float32, float16, bfloat16
  case int64, int32, int16, int8
  case uint64, uint32, uint16, uint8
  case bool

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// Whether elements are real numbers: weights, and not counters, indices or masks.
  public var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    default: false
    }
  }
}

/// The value of an IEEE binary16 bit pattern, exact, not-a-number payloads included.
///
/// Branch-free so that a loop over it vectorises; the standard library's conversion is a call per
/// element where the target has no F16C. Multiplying by 2¹¹² moves the exponent from binary16's
/// bias to binary32's, and normalises subnormals on the way.
@inline(__always)
package func float(fromHalf bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7fff)
  let scaled = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
  let special: UInt32 = magnitude >= 0x7c00 ? 0x7f80_0000 : 0
  return Float(bitPattern: scaled | special | UInt32(bits & 0x8000) << 16)
}

/// The value of a bfloat16 bit pattern: the upper half of a binary32.
@inline(__always)
func float(fromBrain bits: UInt16) -> Float {
  Float(bitPattern: UInt32(bits) << 16)
}

/// The product of `shape`, or nil if it or a partial product does not fit in an `Int`.
func elementCount(of shape: [Int]) -> Int? {
  if shape.contains(0) { return 0 }
  var count = 1
  for extent in shape {
    guard extent > 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    if overflow { return nil }
    count = product
  }
  return count
}
