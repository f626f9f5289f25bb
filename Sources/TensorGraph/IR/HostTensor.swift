import Glibc

/// A contiguous row-major tensor in host memory.
///
/// An int32 tensor is held in the same scalar as the rest: indices, steps and counts are far below
/// 2²⁴, which fp32 holds exactly.
public struct HostTensor<S: HostScalar>: @unchecked Sendable {
  public let shape: Shape
  public let pointer: UnsafeMutablePointer<S>
  private let owner: Storage?

  private final class Storage {
    let pointer: UnsafeMutablePointer<S>
    private let block: UnsafeMutableRawPointer

    /// Zeros on a cache line, so that no vector crosses one. Large memory is not touched: the system
    /// hands out zeros when it is.
    init(count: Int) {
      let byteCount = max(count, 1) * MemoryLayout<S>.stride
      guard let block = calloc(byteCount + Self.alignment, 1) else {
        fatalError("no memory for \(byteCount) bytes")
      }
      self.block = block
      pointer = block.alignedUp(toMultipleOf: Self.alignment)
        .bindMemory(to: S.self, capacity: max(count, 1))
    }

    deinit { free(block) }

    private static var alignment: Int { 64 }
  }

  /// A tensor of zeros in memory of its own.
  public init(shape: Shape) {
    let storage = Storage(count: shape.elementCount)
    self.shape = shape
    self.pointer = storage.pointer
    self.owner = storage
  }

  /// A copy of `values`, whose count must be that of `shape`.
  public init(shape: Shape, _ values: some Collection<S>) {
    precondition(values.count == shape.elementCount, "\(values.count) values for \(shape)")
    self.init(shape: shape)
    for (index, value) in values.enumerated() { pointer[index] = value }
  }

  /// A tensor in memory that somebody else keeps alive.
  package init(shape: Shape, unowned pointer: UnsafeMutablePointer<S>) {
    self.shape = shape
    self.pointer = pointer
    self.owner = nil
  }

  public var count: Int { shape.elementCount }
  public var values: [S] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  @inlinable public subscript(index: Int) -> S {
    get { pointer[index] }
    nonmutating set { pointer[index] = newValue }
  }

  /// The same memory under another shape of equal element count.
  package func reshaped(_ shape: Shape) -> HostTensor {
    precondition(shape.elementCount == count, "\(self.shape) cannot be seen as \(shape)")
    return view(shape, from: 0)
  }

  /// The elements from `offset` on, in the same memory.
  package func view(_ shape: Shape, from offset: Int) -> HostTensor {
    precondition(offset + shape.elementCount <= count, "\(self.shape) is too small for \(shape)")
    return HostTensor(shape: shape, pointer: pointer + offset, owner: owner)
  }

  private init(shape: Shape, pointer: UnsafeMutablePointer<S>, owner: Storage?) {
    self.shape = shape
    self.pointer = pointer
    self.owner = owner
  }
}
