/// What a conversion did.
package struct ConversionReport: Sendable, Equatable {
  /// Tensors in the new file.
  package let written: Int

  /// Tensors left out: integers and masks, which are counters and buffers and never weights.
  package let skipped: [String]

  /// The largest |stored - original| / |original| among values whose stored form is a normal
  /// number; 0 where nothing was rounded.
  package let largestRelativeError: Float

  /// The largest |stored - original| of all.
  package let largestAbsoluteError: Float
}

/// Converts a weight file that Tessera can read to safetensors, under the same tensor names.
///
/// Real-valued tensors are kept, in their order; 64-bit floats become 32-bit. Checksums of a torch
/// archive are verified first, and the metadata of the source is carried over.
///
/// - Parameters:
///   - source: a safetensors file or torch archive.
///   - destination: the file to write, which may be `source` itself.
///   - half: store 16-bit instead of 32-bit floats.
/// - Returns: counts, names left out, and the measured rounding.
/// - Throws: `WeightError`; `destination` is then untouched.
package func convert(
  from source: String, to destination: String, half: Bool = false
) throws(WeightError) -> ConversionReport {
  let file = try WeightFile(path: source)
  try file.verifyChecksums()
  var writer = SafetensorsWriter(
    precision: half ? .float16 : .float32, metadata: file.metadata)
  var skipped: [String] = []
  for tensor in file.tensors {
    if tensor.scalar.isFloatingPoint {
      writer.add(tensor)
    } else {
      skipped.append(tensor.name)
    }
  }
  try writer.write(to: destination)

  let result = try WeightFile(path: destination)
  var relative: Float = 0
  var absolute: Float = 0
  for tensor in result.tensors {
    guard let original = try file[tensor.name]?.floats() else { continue }
    for (stored, value) in zip(try tensor.floats(), original) where value.isFinite {
      let error = (stored - value).magnitude
      absolute = max(absolute, error)
      if stored.magnitude >= Float(Float16.leastNormalMagnitude) {
        relative = max(relative, error / value.magnitude)
      }
    }
  }
  return ConversionReport(
    written: result.tensors.count, skipped: skipped, largestRelativeError: relative,
    largestAbsoluteError: absolute)
}
