import Dispatch
import Synchronization

/// A tensor in an open weight file: name, shape and type at hand, values on disk until read.
///
/// A handle keeps the file open, costs a few words, and may be read from any thread.
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

  /// Stored bytes and how they are read: equal for tensors of equal values, also of a file that is
  /// opened several times.
  public struct Identity: Hashable, Sendable {
    fileprivate let source: WeightSource.Identity
    fileprivate let firstByte: Int
    fileprivate let scalar: WeightScalar
    fileprivate let shape: [Int]
    fileprivate let strides: [Int]?
  }

  public var identity: Identity {
    Identity(
      source: source.identity, firstByte: firstByte, scalar: scalar, shape: shape,
      strides: strides)
  }

  private let source: WeightSource
  /// Where element [0, …, 0] lies in the file.
  private let firstByte: Int
  /// Distance of neighbours along each axis, in elements; nil where elements lie one after
  /// another in row-major order, as all of a scalar's do.
  private let strides: [Int]?

  /// A handle on bytes that the caller has checked to lie within `source`.
  init(
    name: String, shape: [Int], scalar: WeightScalar, source: WeightSource, firstByte: Int,
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
  /// - Throws: `WeightError.damaged` if the file was cut short since it was opened, `.unreadable`
  ///   if it cannot be read.
  /// - Complexity: O(`count`), one pass over the tensor's bytes, on all cores for a large one.
  ///   Memory: half a megabyte a core; of a view whose elements do not lie one after another, the
  ///   bytes from its first to its last.
  public func read(into destination: UnsafeMutableBufferPointer<Float>) throws(WeightError) {
    precondition(
      destination.count == count,
      "\(file): \(name) has \(count) elements, the destination \(destination.count)")
    if count == 0 { return }
    if let strides {
      let reach = zip(shape, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
      try withBytes(ofElements: 0..<reach) { gather($0, strides: strides, into: destination) }
    } else {
      try readPieces(into: destination)
    }
  }

  /// Reads elements that lie one after another, pieces of them at once: the first touch of fresh
  /// memory costs as much as the copy, and each core touches its own.
  private func readPieces(
    into destination: UnsafeMutableBufferPointer<Float>
  ) throws(WeightError) {
    let length = 1 << 20
    nonisolated(unsafe) let destination = destination
    let failure = Mutex<WeightError?>(nil)
    DispatchQueue.concurrentPerform(iterations: (count + length - 1) / length) { piece in
      do throws(WeightError) {
        try read(
          elements: piece * length..<min((piece + 1) * length, count), into: destination)
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  /// Reads a stretch of elements to their places in `destination`.
  private func read(
    elements: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>
  ) throws(WeightError) {
    if scalar == .float32 {
      let part = UnsafeMutableBufferPointer(rebasing: destination[elements])
      try source.read(
        from: firstByte + elements.lowerBound * 4, into: UnsafeMutableRawBufferPointer(part))
      return
    }
    let chunk = 65536
    for start in stride(from: elements.lowerBound, to: elements.upperBound, by: chunk) {
      let elements = start..<min(start + chunk, elements.upperBound)
      try withBytes(ofElements: elements) {
        convert($0, into: UnsafeMutableBufferPointer(rebasing: destination[elements]))
      }
    }
  }

  /// All elements in row-major order, converted to 32-bit floats as `read(into:)` does.
  ///
  /// - Throws: as `read(into:)`.
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

  /// Elements of one row of the first axis, in row-major order, as `floats()` has them. Nothing but
  /// the row is read.
  ///
  /// - Throws: as `read(into:)`.
  public func row(_ index: Int) throws(WeightError) -> [Float] {
    precondition(shape.first.map { (0..<$0).contains(index) } == true, "\(name) has no row \(index)")
    let row = Array(shape.dropFirst())
    let rowStep = strides?[0] ?? elementCount(of: row)!
    return try WeightTensor(
      name: name, shape: row, scalar: scalar, source: source,
      firstByte: firstByte + index * rowStep * scalar.byteCount,
      strides: row.isEmpty ? nil : strides.map { Array($0.dropFirst()) }
    ).floats()
  }

  /// Calls `body` with the stored bytes of a stretch of elements, counted from the first.
  private func withBytes(
    ofElements elements: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(WeightError) {
    let size = scalar.byteCount
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: elements.count * size, alignment: 16)
    defer { bytes.deallocate() }
    try source.read(from: firstByte + elements.lowerBound * size, into: bytes)
    body(UnsafeRawBufferPointer(bytes))
  }

  /// Converts elements that lie one after another.
  private func convert(
    _ bytes: UnsafeRawBufferPointer, into destination: UnsafeMutableBufferPointer<Float>
  ) {
    func convert<Stored: BitwiseCopyable>(_ type: Stored.Type, _ value: (Stored) -> Float) {
      let stored = bytes.assumingMemoryBound(to: Stored.self)
      for i in destination.indices { destination[i] = value(stored[i]) }
    }
    switch scalar {
    case .float64: convert(Double.self) { Float($0) }
    case .float32: convert(Float.self) { $0 }
    case .float16: convert(UInt16.self) { float(fromHalf: $0) }
    case .bfloat16: convert(UInt16.self) { float(fromBrain: $0) }
    case .int64: convert(Int64.self) { Float($0) }
    case .int32: convert(Int32.self) { Float($0) }
    case .int16: convert(Int16.self) { Float($0) }
    case .int8: convert(Int8.self) { Float($0) }
    case .uint64: convert(UInt64.self) { Float($0) }
    case .uint32: convert(UInt32.self) { Float($0) }
    case .uint16: convert(UInt16.self) { Float($0) }
    case .uint8: convert(UInt8.self) { Float($0) }
    case .bool: convert(UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }

  /// Converts the elements of a view: first all of the stretch it lies in, row by row.
  private func gather(
    _ bytes: UnsafeRawBufferPointer, strides: [Int],
    into destination: UnsafeMutableBufferPointer<Float>
  ) {
    let stretch = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: bytes.count / scalar.byteCount)
    defer { stretch.deallocate() }
    convert(bytes, into: stretch)
    // An odometer over all axes but the last; `row` is the element offset of the current row.
    let (rowLength, step) = (shape.last!, strides.last!)
    var index = [Int](repeating: 0, count: shape.count - 1)
    var row = 0
    for start in stride(from: 0, to: count, by: rowLength) {
      for i in 0..<rowLength { destination[start + i] = stretch[row + i * step] }
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
