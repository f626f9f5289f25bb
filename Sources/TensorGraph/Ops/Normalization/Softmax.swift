/// eˣ / Σ eˣ over the last axis.
package struct Softmax: ReferenceOp {
  package init() {}

  package var name: String { "softmax" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(inputs[0].shape.last ?? 0 > 0, "\(inputs[0]) has no elements on its last axis")
    return inputs[0]
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let mean = (gradient * output).sum(axes: [output.shape.count - 1])
    return [output * (gradient - mean)]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 4 * output.elementCount, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape.dropLast().reduce(1, *)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let length = output.shape[output.shape.count - 1]
    for unit in units {
      let source = inputs[0].pointer + unit * length
      let target = output.pointer + unit * length
      var largest = source[0]
      for k in 1..<max(length, 1) { largest = S.maximum(largest, source[k]) }
      var total: S = 0
      for k in 0..<length {
        target[k] = S.exp(source[k] - largest)
        total += target[k]
      }
      let share = 1 / total
      for k in 0..<length { target[k] *= share }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("softmax_rows") { context in
        let length = context.output.shape[context.output.shape.count - 1]
        let rows = context.output.elementCount / length
        let width = context.device.deviceClass == .cpu ? 16 : 4
        let local = context.rowLocal((length + width - 1) / width)
        return KernelPlan([
          KernelLaunch(
            "softmax_rows", defines: ["LOCAL": local, "WIDTH": width],
            arguments: [.input(0), .output, .int(length)], global: [rows * local], local: [local])
        ])
      }
    ]
  }
}

extension Tensor {
  /// Softmax over the last axis.
  public func softmax() -> Tensor { graph.apply(Softmax(), [self]) }
}
