/// Largest value of each window of [N,H,W,C]; padding is never the largest.
package struct MaxPool: PoolingOp {
  package let window: PoolWindow

  package var name: String { "max_pool" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    return TensorType(try PoolGeometry(window, input: inputs[0].shape).outputShape)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient.graph.apply(MaxPoolGradInput(window: window), [inputs[0], output, gradient])]
  }

  package var operationsPerRead: Int { 1 }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    fold(
      inputs[0], into: output, rows: units, from: -.infinity, combine: S.maximum,
      finish: { largest, _ in largest })
  }

  package var variants: [KernelVariant] { [variant("max_pool_direct", appliesEpilogue: true)] }
}

/// Gradient of ``MaxPool`` with respect to its input, from input, output and the output's gradient:
/// the first largest pixel of a window, in row order, gets all of the window's gradient.
package struct MaxPoolGradInput: PoolingOp, FirstOrderOnly {
  package let window: PoolWindow

  package var name: String { "max_pool_grad_input" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 3)
    let pooled = try PoolGeometry(window, input: inputs[0].shape).outputShape
    try require(inputs[1].shape == pooled, "\(inputs[1]) is not the output \(pooled)")
    try require(inputs[2].shape == pooled, "gradient \(inputs[2]) of an output \(pooled)")
    return TensorType(inputs[0].shape)
  }

  package var operationsPerRead: Int { 2 }

  /// Images: windows overlap, and here each is walked once, by the pixel that it gives to.
  package func units(inputs: [TensorType], output: TensorType) -> Int { output.shape[0] }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let geometry = geometry(inputs[0].shape)
    let (vertical, horizontal) = (geometry.vertical, geometry.horizontal)
    let channels = geometry.channels
    let imageCount = vertical.inputExtent * horizontal.inputExtent * channels
    for n in units {
      let image = inputs[0].pointer + n * imageCount
      let target = output.pointer + n * imageCount
      target.update(repeating: 0, count: imageCount)
      for i in 0..<vertical.outputExtent {
        for j in 0..<horizontal.outputExtent {
          let pooled = ((n * vertical.outputExtent + i) * horizontal.outputExtent + j) * channels
          for c in 0..<channels {
            let largest = inputs[1][pooled + c]
            search: for y in vertical.pixels(i) {
              for x in horizontal.pixels(j) {
                let pixel = (y * horizontal.inputExtent + x) * channels + c
                if image[pixel] == largest {
                  target[pixel] += inputs[2][pooled + c]
                  break search
                }
              }
            }
          }
        }
      }
    }
  }

  package var variants: [KernelVariant] { [variant("max_pool_grad_input_gather")] }
}

extension Tensor {
  /// The largest values of [N,H,W,C] as [N,height,width,C], over the windows of
  /// ``adaptiveAveragePooled(height:width:)``; the gradient goes to the first largest pixel.
  public func adaptiveMaxPooled(height: Int, width: Int) -> Tensor {
    graph.apply(MaxPool(window: .adaptive(height: height, width: width)), [self])
  }
}
