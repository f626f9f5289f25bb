/// Reads and checks the directory of a safetensors file.
///
/// Layout: the header's length as 8 little-endian bytes, the header in JSON, then the tensors'
/// bytes, which must be covered exactly: no overlap, no gap, nothing after the last.
/// Format: https://github.com/huggingface/safetensors
func readSafetensorsDirectory(_ source: WeightSource) throws(WeightError) -> WeightDirectory {
  /// Room for 100,000 tensors. The format allows 100 MB, which no file needs, and which would be
  /// more work and memory than a stranger's file should cost.
  let longestHeader = 16_000_000

  guard let length = try source.slice(0..<8).integer(UInt64.self, at: 0) else {
    throw source.damage(at: source.count, "the file ends before its header")
  }
  guard length <= UInt64(longestHeader) else {
    throw source.damage(at: 0, "the header is said to take \(length) bytes, the most is 16 MB")
  }
  let dataStart = 8 + Int(length)
  guard dataStart <= source.count else {
    throw source.damage(at: source.count, "the file ends inside its header of \(length) bytes")
  }
  let header = try SafetensorsHeader(source.slice(8..<dataStart))

  var spans: [(range: Range<Int>, name: String)] = []
  var tensors: [WeightTensor] = []
  for (name, entry) in header.entries {
    guard let code = entry.scalar, let shape = entry.shape, let span = entry.span else {
      throw source.damage(at: 8, "\(name) lacks its dtype, shape or data_offsets")
    }
    guard let scalar = WeightScalar(safetensorsName: code) else {
      throw .unsupported(
        file: source.path, what: "the type \(code) of \(name)",
        advice: "convert the tensor to F32, F16 or BF16")
    }
    guard span.count == 2, span[0] <= span[1], span[1] <= source.count - dataStart else {
      throw source.damage(
        at: dataStart, "\(name) has data_offsets \(span), the file \(source.count) bytes")
    }
    let size = elementCount(of: shape)?.multipliedReportingOverflow(by: scalar.byteCount)
    guard let size, !size.overflow, size.partialValue == span[1] - span[0] else {
      throw source.damage(
        at: dataStart + span[0],
        "\(name) of shape \(shape) and type \(code) does not take \(span[1] - span[0]) bytes")
    }
    spans.append((span[0]..<span[1], name))
    tensors.append(
      WeightTensor(
        name: name, shape: shape, scalar: scalar, source: source, firstByte: dataStart + span[0]))
  }

  spans.sort {
    ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
  }
  var covered = 0
  for (range, name) in spans {
    guard range.lowerBound == covered else {
      let problem = range.lowerBound < covered ? "overlaps the tensor before it" : "follows a gap"
      throw source.damage(at: dataStart + range.lowerBound, "\(name) \(problem)")
    }
    covered = range.upperBound
  }
  guard dataStart + covered == source.count else {
    throw source.damage(at: dataStart + covered, "bytes after the last tensor")
  }
  return WeightDirectory(format: .safetensors, tensors: tensors, metadata: header.metadata)
}

extension WeightScalar {
  /// The type that safetensors calls `name`.
  init?(safetensorsName name: String) {
    guard let match = Self.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
    self = match
  }

  /// What safetensors calls this type.
  var safetensorsName: String {
    switch self {
    case .float64: "F64"
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .int64: "I64"
    case .int32: "I32"
    case .int16: "I16"
    case .int8: "I8"
    case .uint64: "U64"
    case .uint32: "U32"
    case .uint16: "U16"
    case .uint8: "U8"
    case .bool: "BOOL"
    }
  }
}
