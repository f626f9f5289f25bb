/// Repeats along axes of extent 1 and along new leading axes.
package struct Broadcast: MovementOp {
  package let shape: Shape

  package var name: String { "broadcast" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let input = inputs[0].shape
    let fits = input.count <= shape.count
      && zip(input.reversed(), shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
    try require(fits, "\(inputs[0]) does not broadcast to \(shape)")
    return TensorType(shape, inputs[0].scalar)
  }

  package func access(input: Shape, output: Shape) -> Access {
    let padded = Shape(repeating: 1, count: output.count - input.count) + input
    let strides = zip(padded, padded.rowMajorStrides).map { $0 == 1 ? 0 : $1 }
    return Access(extents: output, strides: strides)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let input = inputs[0].shape
    let leading = shape.count - input.count
    let axes = shape.indices.filter { $0 < leading || (input[$0 - leading] == 1 && shape[$0] != 1) }
    return [gradient.sum(axes: axes).reshaped(input)]
  }
}

/// Axes in another order: axis k of the output is axis `order[k]` of the input.
package struct Permute: MovementOp {
  package let order: [Int]

  package var name: String { "permute" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let axes = Array(inputs[0].shape.indices)
    try require(order.sorted() == axes, "order \(order) does not name each axis of \(inputs[0])")
    return TensorType(order.map { inputs[0].shape[$0] }, inputs[0].scalar)
  }

  package func access(input: Shape, output: Shape) -> Access {
    let strides = input.rowMajorStrides
    return Access(extents: output, strides: order.map { strides[$0] })
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let inverse = order.indices.sorted { order[$0] < order[$1] }
    return [gradient.permuted(inverse)]
  }
}

/// A contiguous range of one axis.
package struct Slice: MovementOp {
  package let axis: Int
  package let start: Int
  package let end: Int

  package var name: String { "slice" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    var shape = inputs[0].shape
    let fits = shape.indices.contains(axis) && 0 <= start && start < end && end <= shape[axis]
    try require(fits, "\(start)..<\(end) is not a range of axis \(axis) of \(inputs[0])")
    shape[axis] = end - start
    return TensorType(shape, inputs[0].scalar)
  }

  package func access(input: Shape, output: Shape) -> Access {
    let strides = input.rowMajorStrides
    return Access(extents: output, strides: strides, offset: start * strides[axis])
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.padded(axis: axis, before: start, after: inputs[0].shape[axis] - end)]
  }

  /// The same as a view, if its elements follow each other in the input's memory from a place on
  /// where a buffer can begin.
  func view(of input: Shape, _ output: Shape) -> View? {
    let offset = start * input.rowMajorStrides[axis]
    guard input[..<axis].allSatisfy({ $0 == 1 }), offset.isMultiple(of: View.alignment) else {
      return nil
    }
    return View(offset: offset, shape: output)
  }
}

/// One axis in reverse order.
package struct Flip: MovementOp {
  package let axis: Int

  package var name: String { "flip" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(inputs[0].shape.indices.contains(axis), "\(inputs[0]) has no axis \(axis)")
    return inputs[0]
  }

  package func access(input: Shape, output: Shape) -> Access {
    var strides = input.rowMajorStrides
    let offset = strides[axis] * (input[axis] - 1)
    strides[axis] = -strides[axis]
    return Access(extents: output, strides: strides, offset: offset)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.flipped(axis: axis)]
  }
}

/// The same elements under another shape: no work, the same memory.
package struct Reshape: ViewOp {
  package let shape: Shape

  package var name: String { "reshape" }
  package var offset: Int { 0 }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(
      shape.elementCount == inputs[0].elementCount,
      "\(inputs[0]) has \(inputs[0].elementCount) elements, \(shape) has \(shape.elementCount)")
    return TensorType(shape, inputs[0].scalar)
  }

  package func access(input: Shape, output: Shape) -> Access { .identity(output.elementCount) }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.reshaped(inputs[0].shape)]
  }
}

/// Elements that follow each other, from `offset` on: no work, the same memory. What becomes of a
/// ``Slice`` that kernels can read where it lies.
package struct View: ViewOp, NonDifferentiable {
  package let offset: Int
  package let shape: Shape

  /// What offsets are multiples of, so that a buffer can begin there on every device, whether
  /// floats are stored or halves: 4096 bytes of halves.
  package static let alignment = 2048

  package var name: String { "view" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let fits = offset >= 0 && offset + shape.elementCount <= inputs[0].elementCount
    try require(fits, "\(inputs[0]) has no \(shape.elementCount) elements from \(offset) on")
    return TensorType(shape, inputs[0].scalar)
  }

  package func access(input: Shape, output: Shape) -> Access {
    Access(extents: output, strides: output.rowMajorStrides, offset: offset)
  }
}
