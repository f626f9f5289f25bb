/// A pooling of an image [N,H,W,C], or a gradient of one: its windows fix its work and what its
/// kernel is told.
package protocol PoolingOp: ReferenceOp {
  var window: PoolWindow { get }

  /// The windows over the image, from the shape of the first input, which has been checked.
  func geometry(_ first: Shape) -> PoolGeometry

  /// Operations for each element that a window sees.
  var operationsPerRead: Int { get }
}

extension PoolingOp {
  /// The first input is the image.
  package func geometry(_ image: Shape) -> PoolGeometry {
    PoolGeometry(checked: window, input: image)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let reads = geometry(inputs[0].shape).reads
    return Cost(flops: operationsPerRead * reads, bytes: traffic(inputs, output))
  }

  /// Rows of the output.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[0] * output.shape[1]
  }

  /// One work-item an element of the output.
  func variant(_ kernel: String, appliesEpilogue: Bool = false) -> KernelVariant {
    KernelVariant(kernel, appliesEpilogue: appliesEpilogue) { context in
      let count = context.output.elementCount
      return KernelPlan([
        KernelLaunch(
          kernel, defines: geometry(context.inputs[0].shape).defines,
          arguments: context.inputs.indices.map { .input($0) } + [.output, .int(count)],
          global: [count], local: [context.flatLocal])
      ])
    }
  }

  /// Folds the pixels of every window in `rows` of the output, in row order, from `start`; then
  /// `finish` turns the fold into the value, given the window's area, padding included.
  @inline(__always)
  func fold<S: HostScalar>(
    _ image: HostTensor<S>, into output: HostTensor<S>, rows: Range<Int>, from start: S,
    combine: (S, S) -> S, finish: (S, _ area: Int) -> S
  ) {
    let geometry = geometry(image.shape)
    let (vertical, horizontal) = (geometry.vertical, geometry.horizontal)
    let channels = geometry.channels
    for row in rows {
      let (n, i) = row.quotientAndRemainder(dividingBy: vertical.outputExtent)
      for j in 0..<horizontal.outputExtent {
        let target = output.pointer + (row * horizontal.outputExtent + j) * channels
        target.update(repeating: start, count: channels)
        for y in vertical.pixels(i) {
          let source = image.pointer
            + (n * vertical.inputExtent + y) * horizontal.inputExtent * channels
          for x in horizontal.pixels(j) {
            for c in 0..<channels { target[c] = combine(target[c], source[x * channels + c]) }
          }
        }
        let area = vertical.length(i) * horizontal.length(j)
        for c in 0..<channels { target[c] = finish(target[c], area) }
      }
    }
  }
}
