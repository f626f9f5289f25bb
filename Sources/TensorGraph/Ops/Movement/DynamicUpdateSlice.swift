/// x with its elements from `start` on along one axis replaced: out[..., start + i, ...] =
/// update[..., i, ...], for an int32 `start` [1] that is known when the step runs.
///
/// A start that leaves no room for the update is moved until it does, as XLA's `dynamic_update_slice`
/// does, so no input writes other memory. Where the output lies in x's memory, as a variable's new
/// value does, only the update is written.
package struct DynamicUpdateSlice: ReferenceOp {
  package let axis: Int

  package init(axis: Int) { self.axis = axis }

  package var name: String { "dynamic_update_slice" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 3)
    let (x, update, start) = (inputs[0], inputs[1], inputs[2])
    var room = update.shape
    if room.indices.contains(axis), x.shape.indices.contains(axis), room[axis] <= x.shape[axis] {
      room[axis] = x.shape[axis]
    }
    let fits = room == x.shape && x.shape.indices.contains(axis) && x.scalar == .float32
      && update.scalar == .float32 && start == TensorType([1], .int32)
    try require(fits, "\(update) at \(start) does not fit into axis \(axis) of \(x)")
    return x
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let (update, start) = (inputs[1], inputs[2])
    let kept = gradient.updating(axis: axis, from: start, with: update.fullLike(0))
    let slice = DynamicSlice(axis: axis, count: update.shape[axis])
    return [kept, output.graph.apply(slice, [gradient, start]), nil]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 0, bytes: 2 * inputs[1].byteCount)
  }

  package var overwritableInputs: [Int] { [0] }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let rows = AxisRows(output.shape, axis, count: inputs[1].shape[axis])
    let start = rows.first(Int(inputs[2][0]))
    if output.pointer != inputs[0].pointer {
      output.pointer.update(from: inputs[0].pointer, count: output.count)
    }
    let length = rows.count * rows.inner
    for outer in 0..<rows.outer {
      let target = output.pointer + (outer * rows.extent + start) * rows.inner
      target.update(from: inputs[1].pointer + outer * length, count: length)
    }
  }

  package var variants: [KernelVariant] {
    let axis = axis
    return [
      KernelVariant("dynamic_update_slice_rows") { context in
        let rows = AxisRows(context.output.shape, axis, count: context.inputs[1].shape[axis])
        let count = rows.outer * rows.extent
        return KernelPlan([
          KernelLaunch(
            "dynamic_update_slice_rows",
            arguments: [
              .input(0), .input(1), .input(2), .output, .int(count), .int(rows.extent),
              .int(rows.inner), .int(rows.count),
            ],
            global: [count], local: [context.flatLocal])
        ])
      }
    ]
  }
}

/// `count` elements of one axis from an int32 `start` [1] on: what ``DynamicUpdateSlice`` replaces.
package struct DynamicSlice: ReferenceOp {
  package let axis: Int
  package let count: Int

  package init(axis: Int, count: Int) { (self.axis, self.count) = (axis, count) }

  package var name: String { "dynamic_slice" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let x = inputs[0]
    let fits = x.shape.indices.contains(axis) && (1...x.shape[axis]).contains(count)
      && x.scalar == .float32 && inputs[1] == TensorType([1], .int32)
    try require(fits, "\(x) has no \(count) elements along axis \(axis) from \(inputs[1]) on")
    var shape = x.shape
    shape[axis] = count
    return TensorType(shape)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [inputs[0].fullLike(0).updating(axis: axis, from: inputs[1], with: gradient), nil]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 0, bytes: 2 * output.byteCount)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let rows = AxisRows(inputs[0].shape, axis, count: count)
    let start = rows.first(Int(inputs[1][0]))
    let length = count * rows.inner
    for outer in 0..<rows.outer {
      let source = inputs[0].pointer + (outer * rows.extent + start) * rows.inner
      (output.pointer + outer * length).update(from: source, count: length)
    }
  }

  package var variants: [KernelVariant] {
    let (axis, count) = (axis, count)
    return [
      KernelVariant("dynamic_slice_elements") { context in
        let rows = AxisRows(context.inputs[0].shape, axis, count: count)
        let elements = context.output.elementCount
        return KernelPlan([
          KernelLaunch(
            "dynamic_slice_elements",
            arguments: [
              .input(0), .input(1), .output, .int(elements), .int(rows.extent), .int(rows.inner),
              .int(count),
            ],
            global: [elements], local: [context.flatLocal])
        ])
      }
    ]
  }
}

/// A tensor as rows along one axis: `outer` groups of `extent` rows of `inner` elements.
private struct AxisRows {
  let outer: Int
  let extent: Int
  let inner: Int
  /// Rows of a slice.
  let count: Int

  init(_ shape: Shape, _ axis: Int, count: Int) {
    outer = shape[..<axis].reduce(1, *)
    extent = shape[axis]
    inner = shape[(axis + 1)...].reduce(1, *)
    self.count = count
  }

  /// The first row of a slice that is asked for from `start` on.
  func first(_ start: Int) -> Int { min(max(start, 0), extent - count) }
}

extension Tensor {
  /// This with its elements from `start` on along `axis` replaced by `update`.
  ///
  /// - Parameters:
  ///   - start: int32 [1]; moved into the axis where the update would not fit.
  ///   - update: of this shape, but for `axis`, where it may have fewer elements.
  public func updating(
    axis: Int, from start: Tensor, with update: Tensor, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) { graph.apply(DynamicUpdateSlice(axis: axis), [self, update, start]) }
  }
}
