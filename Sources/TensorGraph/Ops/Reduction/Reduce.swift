/// Sum or maximum over a run of neighbouring axes, which keep extent 1.
///
/// Accumulates in the scalar of the tensor, a row by one work-group, so the result does not depend
/// on timing.
package struct Reduce: ReferenceOp {
  package enum Kind: String, Hashable, Sendable { case sum, max }

  package let kind: Kind
  package let firstAxis: Int
  package let lastAxis: Int

  package var name: String { "reduce_\(kind.rawValue)" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let fits = 0 <= firstAxis && firstAxis <= lastAxis && lastAxis < inputs[0].shape.count
    try require(fits, "\(inputs[0]) has no axes \(firstAxis)...\(lastAxis)")
    var shape = inputs[0].shape
    for axis in firstAxis...lastAxis { shape[axis] = 1 }
    return TensorType(shape)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let spread = gradient.broadcast(to: inputs[0].shape)
    switch kind {
    case .sum: return [spread]
    case .max:
      let isMaximum = inputs[0].greaterOrEqual(output.broadcast(to: inputs[0].shape))
      let ties = Tensor.reduced(isMaximum, .sum, firstAxis, lastAxis)
      return [isMaximum * spread / ties.broadcast(to: inputs[0].shape)]
    }
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: inputs[0].elementCount, bytes: traffic(inputs, output))
  }

  /// The input seen as [outer, reduced, inner].
  private func extents(_ shape: Shape) -> (outer: Int, reduced: Int, inner: Int) {
    (
      shape[..<firstAxis].reduce(1, *), shape[firstAxis...lastAxis].reduce(1, *),
      shape[(lastAxis + 1)...].reduce(1, *)
    )
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    extents(inputs[0].shape).outer
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (_, reduced, inner) = extents(inputs[0].shape)
    for unit in units {
      let source = inputs[0].pointer + unit * reduced * inner
      let target = output.pointer + unit * inner
      if inner == 1 {
        var accumulator = source[0]
        switch kind {
        case .sum: for k in 1..<max(reduced, 1) { accumulator += source[k] }
        case .max: for k in 1..<max(reduced, 1) { accumulator = S.maximum(accumulator, source[k]) }
        }
        target[0] = accumulator
        continue
      }
      target.update(from: source, count: inner)
      for k in 1..<max(reduced, 1) {
        let row = source + k * inner
        switch kind {
        case .sum: for i in 0..<inner { target[i] += row[i] }
        case .max: for i in 0..<inner { target[i] = S.maximum(target[i], row[i]) }
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("reduce_rows", storage: .all) { context in
        extents(context.inputs[0].shape).inner == 1
      } plan: { context in
        let (outer, reduced, _) = extents(context.inputs[0].shape)
        let local = context.rowLocal(reduced)
        return KernelPlan([
          KernelLaunch(
            "reduce_rows", defines: ["LOCAL": local, "REDUCE_MAX": kind == .max ? 1 : 0],
            arguments: [.input(0), .output, .int(reduced)],
            global: [outer * local], local: [local])
        ])
      },
      KernelVariant("reduce_columns", storage: .all) { context in
        let (outer, reduced, inner) = extents(context.inputs[0].shape)
        let width = [16, 4].first { inner % $0 == 0 } ?? 1
        return KernelPlan([
          KernelLaunch(
            "reduce_columns", defines: ["REDUCE_MAX": kind == .max ? 1 : 0, "WIDTH": width],
            arguments: [.input(0), .output, .int(outer), .int(reduced), .int(inner)],
            global: [outer * inner / width], local: [context.flatLocal])
        ])
      },
    ]
  }
}

extension Tensor {
  /// Sum over `axes`, which keep extent 1.
  public func sum(axes: [Int]) -> Tensor { reduced(.sum, axes) }

  /// Largest value over `axes`, which keep extent 1; its gradient is shared between ties.
  public func max(axes: [Int]) -> Tensor { reduced(.max, axes) }

  /// Mean over `axes`, which keep extent 1.
  public func mean(axes: [Int]) -> Tensor {
    sum(axes: axes) * (1 / Float(axes.map { shape[$0] }.elementCount))
  }

  /// Mean of every element, as a scalar of shape [].
  public func mean() -> Tensor { mean(axes: Array(shape.indices)).reshaped([]) }

  private func reduced(_ kind: Reduce.Kind, _ axes: [Int]) -> Tensor {
    var result = self
    var pending = axes.filter { shape[$0] != 1 }.sorted()
    while let last = pending.popLast() {
      var first = last
      while pending.last == first - 1 { first = pending.removeLast() }
      result = Tensor.reduced(result, kind, first, last)
    }
    return result
  }

  fileprivate static func reduced(
    _ input: Tensor, _ kind: Reduce.Kind, _ first: Int, _ last: Int
  ) -> Tensor {
    input.graph.apply(Reduce(kind: kind, firstAxis: first, lastAxis: last), [input])
  }
}
