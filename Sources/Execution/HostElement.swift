import TensorGraph

/// A type of elements that the host writes.
protocol HostElement: BitwiseCopyable {
  static var scalar: ScalarType { get }
  /// `value` in this type: integers rounded toward zero, bytes limited to 0...255.
  init(storing value: Float)
  var float: Float { get }
}

extension Float: HostElement {
  static var scalar: ScalarType { .float32 }
  init(storing value: Float) { self = value }
  var float: Float { self }
}

extension Float16: HostElement {
  static var scalar: ScalarType { .float16 }
  init(storing value: Float) { self.init(value) }
  var float: Float { Float(self) }
}

extension Int32: HostElement {
  static var scalar: ScalarType { .int32 }
  init(storing value: Float) { self.init(value) }
  var float: Float { Float(self) }
}

extension UInt8: HostElement {
  static var scalar: ScalarType { .uint8 }
  init(storing value: Float) { self.init(Swift.min(Swift.max(value, 0), 255)) }
  var float: Float { Float(self) }
}

extension ScalarType {
  /// Stores `values` in this type from the start of `destination` on.
  func store<Value: HostElement>(
    _ values: some Collection<Value>, into destination: UnsafeMutableRawBufferPointer
  ) {
    func store<Stored: HostElement>(_ type: Stored.Type) {
      let stored = destination.bindMemory(to: Stored.self)
      for (index, value) in values.enumerated() { stored[index] = Stored(storing: value.float) }
    }
    if Value.scalar == self {
      _ = destination.bindMemory(to: Value.self).update(fromContentsOf: values)
      return
    }
    switch self {
    case .float32: store(Float.self)
    case .float16: store(Float16.self)
    case .int32: store(Int32.self)
    case .uint8: store(UInt8.self)
    }
  }

  /// The elements of `bytes`, stored in this type, as floats.
  func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    func floats<Stored: HostElement>(_ type: Stored.Type) -> [Float] {
      bytes.bindMemory(to: Stored.self).map(\.float)
    }
    return switch self {
    case .float32: floats(Float.self)
    case .float16: floats(Float16.self)
    case .int32: floats(Int32.self)
    case .uint8: floats(UInt8.self)
    }
  }
}
