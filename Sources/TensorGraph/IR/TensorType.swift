/// Extents of a tensor, outermost first. An empty shape is a scalar.
public typealias Shape = [Int]

extension Shape {
  /// Number of elements: the product of the extents, 1 for a scalar.
  public var elementCount: Int { reduce(1, *) }

  /// Distance in elements between neighbours along each axis of a contiguous tensor.
  public var rowMajorStrides: [Int] {
    var strides = [Int](repeating: 1, count: count)
    for axis in stride(from: count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * self[axis + 1]
    }
    return strides
  }
}

/// What one element of a tensor is stored as. Accumulation is always fp32.
public enum ScalarType: String, Hashable, Sendable {
  case float32, float16, int32
  /// Bytes as pictures have them. Inputs alone are stored so, and only ``Tensor/converted(to:)``
  /// reads them; the CPU path holds them as fp32.
  case uint8

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float16: 2
    case .uint8: 1
    }
  }

  package var isFloatingPoint: Bool { self == .float32 || self == .float16 }
}

/// How the large tensors of a graph are stored; all arithmetic is fp32 either way.
public enum Precision: String, Hashable, Sendable, Codable, CaseIterable {
  /// As fp32.
  case full
  /// Weights, activations and their gradients as fp16, for half the memory and its traffic. A
  /// gradient then needs its loss scaled (``LossScale``).
  case half
}

/// Shape and scalar type of a tensor; storage is always contiguous and row-major.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  public let shape: Shape
  public let scalar: ScalarType

  public init(_ shape: Shape, _ scalar: ScalarType = .float32) {
    self.shape = shape
    self.scalar = scalar
  }

  public var elementCount: Int { shape.elementCount }
  public var byteCount: Int { elementCount * scalar.byteCount }

  public var description: String {
    let extents = shape.map(String.init).joined(separator: ",")
    return scalar == .float32 ? "[\(extents)]" : "\(scalar.rawValue)[\(extents)]"
  }
}

/// Why an op cannot take the inputs it was given, in words that name the shapes.
///
/// Thrown by ``Op/outputType(of:)``; ``Graph`` turns it into a trap that adds the op, its inputs
/// and the call site, since a wrong shape in model code is a programming error.
public struct ShapeError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// Throws a ``ShapeError`` with `message` unless `condition` holds.
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String
) throws(ShapeError) {
  if !condition { throw ShapeError(message()) }
}

/// Throws unless there are `count` inputs.
package func require(_ inputs: [TensorType], count: Int) throws(ShapeError) {
  try require(inputs.count == count, "takes \(count) inputs, was given \(inputs.count)")
}
