/// Zeros before and after along one axis.
package struct Pad: ReferenceOp {
  package let axis: Int
  package let before: Int
  package let after: Int

  package var name: String { "pad" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    var shape = inputs[0].shape
    let fits = shape.indices.contains(axis) && before >= 0 && after >= 0
    try require(fits, "cannot put \(before) and \(after) around axis \(axis) of \(inputs[0])")
    shape[axis] += before + after
    return TensorType(shape, inputs[0].scalar)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.sliced(axis: axis, before..<before + inputs[0].shape[axis])]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 0, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[..<axis].reduce(1, *)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let inner = output.shape[(axis + 1)...].reduce(1, *)
    let rows = inputs[0].shape[axis]
    let total = rows + before + after
    for unit in units {
      let target = output.pointer + unit * total * inner
      target.update(repeating: 0, count: before * inner)
      let source = inputs[0].pointer + unit * rows * inner
      (target + before * inner).update(from: source, count: rows * inner)
      (target + (before + rows) * inner).update(repeating: 0, count: after * inner)
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("pad_copy", storage: .all) { context in
        let shape = context.output.shape
        let inner = shape[(axis + 1)...].reduce(1, *)
        let count = context.output.elementCount
        return KernelPlan([
          context.runs(
            "pad_copy", of: 1024, count: count,
            arguments: [
              .input(0), .output, .int(count), .int(shape[axis] * inner), .int(before * inner),
              .int((shape[axis] - before - after) * inner),
            ])
        ])
      }
    ]
  }
}
