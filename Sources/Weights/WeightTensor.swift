/// A tensor in an open weight file: name, shape and type at hand, values on disk until read.
///
/// A handle keeps the file mapped, costs a few words, and may be read from any thread.
public struct WeightTensor: Sendable {
  /// The full name in the file, such as `decoder.conv_in.weight`.
  public let name: String

  /// Extents, outermost first; empty for a scalar.
  public let shape: [Int]

  /// The number type in the file; reading always yields 32-bit floats.
  public let scalar: WeightScalar

  /// The number of elements, 1 for a scalar.
  public let count: Int

  /// The file's path, as it was opened.
  public var file: String { source.path }

  let source: MappedFile
  /// Where element [0, …, 0] lies in the file.
  private let firstByte: Int
  /// Distance of neighbours along each axis, in elements; nil for a dense row-major tensor.
  private let strides: [Int]?

  /// A handle on bytes that the caller has checked to lie within `source`.
  init(
    name: String, shape: [Int], scalar: WeightScalar, source: MappedFile, firstByte: Int,
    strides: [Int]? = nil
  ) {
    self.name = name
    self.shape = shape
    self.scalar = scalar
    self.count = elementCount(of: shape)!
    self.source = source
    self.firstByte = firstByte
    self.strides = strides
  }

  /// Reads all elements in row-major order, converted to 32-bit floats.
  ///
  /// 64-bit floats and integers beyond 2²⁴ are rounded to nearest; the other types are exact.
  ///
  /// - Parameter destination: exactly `count` elements.
  /// - Throws: `WeightError.damaged` if the file was cut short since it was opened.
  /// - Complexity: O(`count`), one pass over the tensor's pages, no allocation that grows with it.
  public func read(into destination: UnsafeMutableBufferPointer<Float>) throws(WeightError) {
    precondition(
      destination.count == count,
      "\(file): \(name) has \(count) elements, the destination \(destination.count)")
    if count == 0 { return }
    try source.requireIntact()
    switch scalar {
    case .float64: copy(Double.self, to: destination) { Float($0) }
    case .float32: copy(Float.self, to: destination) { $0 }
    case .float16: copy(UInt16.self, to: destination) { float(fromHalf: $0) }
    case .bfloat16: copy(UInt16.self, to: destination) { float(fromBrain: $0) }
    case .int64: copy(Int64.self, to: destination) { Float($0) }
    case .int32: copy(Int32.self, to: destination) { Float($0) }
    case .int16: copy(Int16.self, to: destination) { Float($0) }
    case .int8: copy(Int8.self, to: destination) { Float($0) }
    case .uint64: copy(UInt64.self, to: destination) { Float($0) }
    case .uint32: copy(UInt32.self, to: destination) { Float($0) }
    case .uint16: copy(UInt16.self, to: destination) { Float($0) }
    case .uint8: copy(UInt8.self, to: destination) { Float($0) }
    case .bool: copy(UInt8.self, to: destination) { $0 == 0 ? 0 : 1 }
    }
  }

  /// All elements in row-major order, converted to 32-bit floats as `read(into:)` does.
  ///
  /// - Throws: `WeightError.damaged` if the file was cut short since it was opened.
  public func floats() throws(WeightError) -> [Float] {
    var failure: WeightError?
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(WeightError) {
        try read(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  @inline(__always)
  private func copy<Stored: BitwiseCopyable>(
    _ type: Stored.Type, to destination: UnsafeMutableBufferPointer<Float>,
    _ convert: (Stored) -> Float
  ) {
    let base = source.bytes.baseAddress! + firstByte
    let size = MemoryLayout<Stored>.size
    guard let strides, let rowLength = shape.last, let step = strides.last else {
      for i in 0..<count {
        destination[i] = convert(base.loadUnaligned(fromByteOffset: i * size, as: Stored.self))
      }
      return
    }
    // An odometer over all axes but the last; `row` is the element offset of the current row.
    var index = [Int](repeating: 0, count: shape.count - 1)
    var row = 0
    for start in stride(from: 0, to: count, by: rowLength) {
      for i in 0..<rowLength {
        destination[start + i] = convert(
          base.loadUnaligned(fromByteOffset: (row + i * step) * size, as: Stored.self))
      }
      for axis in index.indices.reversed() {
        index[axis] += 1
        row += strides[axis]
        if index[axis] < shape[axis] { break }
        row -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
  }
}
