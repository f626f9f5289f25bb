/// Index of the largest element of each row of [P,K]: int32 [P]. Of equal ones the first wins.
package struct ArgMax: ReferenceOp, NonDifferentiable {
  package init() {}

  package var name: String { "argmax" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let shape = inputs[0].shape
    try require(shape.count == 2 && shape[1] > 0, "\(inputs[0]) is no matrix with columns")
    return TensorType([shape[0]], .int32)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: inputs[0].elementCount, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int { output.elementCount }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let length = inputs[0].shape[1]
    for unit in units {
      let row = inputs[0].pointer + unit * length
      var best = 0
      for k in 1..<max(length, 1) where row[k] > row[best] { best = k }
      output[unit] = S(best)
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("argmax_rows") { context in
        let length = context.inputs[0].shape[1]
        let local = context.rowLocal(length)
        return KernelPlan([
          KernelLaunch(
            "argmax_rows", defines: ["LOCAL": local],
            arguments: [.input(0), .output, .int(length)],
            global: [context.output.elementCount * local], local: [local])
        ])
      }
    ]
  }
}

extension Tensor {
  /// For each row of this [P,K], the index of its largest element, the first of equal ones: int32
  /// [P].
  public func argmax() -> Tensor { graph.apply(ArgMax(), [self]) }
}
