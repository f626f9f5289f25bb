import CHostKernels

/// x̂ = (x − mean)·rstd, where the other operands are the moments of x, spread over their groups.
///
/// Pointwise, so that scale, offset and activation fuse with it. Its gradient for x covers the
/// path through the moments, which therefore get none:
/// dx = rstd·(g − mean(g) − x̂·mean(g·x̂)).
package struct Standardize: PointwiseOp {
  package let moments: Moments

  package var name: String { "standardize" }
  package var operandCount: Int { 3 }

  package func expression(_ x: [String]) -> String { "(\(x[0]) - \(x[1])) * \(x[2])" }

  package func apply<S: HostScalar>(
    _ x: HostOperands<S>, into output: UnsafeMutablePointer<S>, count: Int
  ) {
    let (value, mean, reciprocal) = (x[0], x[1], x[2])
    for i in 0..<count { output[i] = (value[i] - mean[i]) * reciprocal[i] }
  }

  package func applyBlock(
    _ x: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    tessera_standardize(x[0], x[1], x[2], output, Int64(count))
  }

  /// Written with x rather than x̂, so that x̂ need not be kept.
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let (x, mean, reciprocal) = (inputs[0], inputs[1], inputs[2])
    let statistics = x.graph.apply(moments, [x])
    let layout = moments.layout
    let means = x.graph.apply(StandardizeGradientMeans(layout: layout), [gradient, x, statistics])
    let meanOfGradient = layout.spread(means, 0, to: x.shape)
    let meanOfProduct = layout.spread(means, 1, to: x.shape)
    let along = (x - mean) * (reciprocal * meanOfProduct)
    return [reciprocal * (gradient - meanOfGradient - along), nil, nil]
  }
}

/// Means over every group of g and of g·x̂, as [2,N,G]: the sums in the gradient of
/// ``Standardize``.
///
/// Inputs are g, x and the moments of x.
package struct StandardizeGradientMeans: ReferenceOp, FirstOrderOnly {
  package let layout: GroupLayout

  package var name: String { "standardize_grad_means" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 3)
    let fits = inputs[0].shape == inputs[1].shape
      && inputs[0].elementCount == layout.shape.elementCount
      && inputs[2].shape == layout.statistics
    try require(fits, "\(inputs) are not gradient, value and moments of \(layout.shape)")
    return TensorType(layout.statistics)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 5 * inputs[0].elementCount, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    layout.samples * layout.groups
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let layout = layout.inLanes
    let sums = UnsafeMutablePointer<S>.allocate(capacity: 3 * layout.channels)
    sums.initialize(repeating: 0, count: 3 * layout.channels)
    defer { sums.deallocate() }
    let products = sums + layout.channels
    let means = products + layout.channels
    let statistics = layout.samples * layout.groups
    layout.forEachSample(units) { sample, groups in
      let width = groups.count * layout.depth
      let start = sample * layout.positions * layout.channels + groups.lowerBound * layout.depth
      let moments = inputs[2].pointer + sample * layout.groups
      for c in 0..<width { means[c] = moments[groups.lowerBound + c / layout.depth] }
      S.sumProducts(
        inputs[0].pointer + start, inputs[1].pointer + start, means: means,
        stride: layout.channels, count: layout.positions, width: width, sums: sums,
        products: products)
      for group in groups {
        let first = (group - groups.lowerBound) * layout.depth
        var sum: S = 0
        var product: S = 0
        for c in first..<first + layout.depth {
          sum += sums[c]
          product += products[c]
        }
        let index = sample * layout.groups + group
        output[index] = sum / S(layout.groupSize)
        output[statistics + index] = product * moments[statistics + group] / S(layout.groupSize)
      }
    }
  }

  package var variants: [KernelVariant] {
    layout.variants(
      rows: "standardize_grad_means_rows", columns: "standardize_grad_means_columns",
      combine: "standardize_grad_means_combine", inputs: [.input(0), .input(1), .input(2)],
      settings: [], fp16Inputs: 2)
  }
}
