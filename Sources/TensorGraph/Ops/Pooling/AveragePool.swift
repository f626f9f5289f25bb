/// Mean over each window of [N,H,W,C]; padding counts as zeros.
package struct AveragePool: PoolingOp {
  package let window: PoolWindow

  package var name: String { "average_pool" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    return TensorType(try PoolGeometry(window, input: inputs[0].shape).outputShape)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let op = AveragePoolGradInput(window: window, inputShape: inputs[0].shape)
    return [gradient.graph.apply(op, [gradient])]
  }

  package var operationsPerRead: Int { 1 }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    fold(
      inputs[0], into: output, rows: units, from: 0, combine: +,
      finish: { sum, area in sum / S(area) })
  }

  package var variants: [KernelVariant] { [variant("average_pool_direct", appliesEpilogue: true)] }
}

/// Gradient of ``AveragePool`` with respect to its input: every pixel gathers its share from the
/// windows that contain it.
package struct AveragePoolGradInput: PoolingOp {
  package let window: PoolWindow
  package let inputShape: Shape

  package var name: String { "average_pool_grad_input" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let pooled = try PoolGeometry(window, input: inputShape).outputShape
    try require(inputs[0].shape == pooled, "gradient \(inputs[0]) of an output \(pooled)")
    return TensorType(inputShape)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.graph.apply(AveragePool(window: window), [gradient])]
  }

  package func geometry(_ gradient: Shape) -> PoolGeometry {
    PoolGeometry(checked: window, input: inputShape)
  }

  package var operationsPerRead: Int { 2 }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let geometry = geometry(inputs[0].shape)
    let (vertical, horizontal) = (geometry.vertical, geometry.horizontal)
    let channels = geometry.channels
    for unit in units {
      let (n, y) = unit.quotientAndRemainder(dividingBy: vertical.inputExtent)
      let rows = vertical.windows(y)
      for x in 0..<horizontal.inputExtent {
        let target = output.pointer + (unit * horizontal.inputExtent + x) * channels
        target.update(repeating: 0, count: channels)
        let columns = horizontal.windows(x)
        for i in rows {
          for j in columns {
            let area = S(vertical.length(i) * horizontal.length(j))
            let source = inputs[0].pointer
              + ((n * vertical.outputExtent + i) * horizontal.outputExtent + j) * channels
            for c in 0..<channels { target[c] += source[c] / area }
          }
        }
      }
    }
  }

  package var variants: [KernelVariant] { [variant("average_pool_grad_input_gather")] }
}

extension Tensor {
  /// [N,H,W,C] averaged to [N,height,width,C]: pixel i along an axis is the mean over
  /// ⌊i·H/height⌋ up to ⌈(i+1)·H/height⌉, as in PyTorch's `adaptive_avg_pool2d`.
  public func adaptiveAveragePooled(height: Int, width: Int) -> Tensor {
    graph.apply(AveragePool(window: .adaptive(height: height, width: width)), [self])
  }

  /// [N,H,W,C] averaged over squares of side `size`; padding counts as zeros, as in PyTorch's
  /// `avg_pool2d`.
  /// - Parameters:
  ///   - stride: pixels between windows; `size` if nil.
  ///   - padding: pixels on every side, at most half of `size`.
  public func averagePooled(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    let window = PoolWindow.strided(kernel: size, stride: stride ?? size, padding: padding)
    return graph.apply(AveragePool(window: window), [self])
  }
}
