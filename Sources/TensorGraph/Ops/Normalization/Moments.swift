/// Mean and reciprocal deviation of every group of its input: [2,N,G] holds the means, then
/// 1/√(variance + ε), with the variance over all S·D elements (biased).
///
/// Sums are taken of differences to a member of a short run, and runs are merged by their means,
/// so a large mean does not cancel the variance in fp32.
package struct Moments: ReferenceOp {
  package let layout: GroupLayout
  package let epsilon: Float

  package init(layout: GroupLayout, epsilon: Float) {
    self.layout = layout
    self.epsilon = epsilon
  }

  package var name: String { "moments" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    try require(
      inputs[0].elementCount == layout.shape.elementCount, "\(inputs[0]) is not \(layout.shape)")
    return TensorType(layout.statistics)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    func spread(_ statistics: Tensor, _ index: Int) -> Tensor {
      layout.spread(statistics, index, to: inputs[0].shape)
    }
    let reciprocal = spread(output, 1)
    let slope = reciprocal * reciprocal * reciprocal * (inputs[0] - spread(output, 0))
    let total = spread(gradient, 0) - spread(gradient, 1) * slope
    return [total * (1 / Float(layout.groupSize))]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 4 * inputs[0].elementCount, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    layout.samples * layout.groups
  }

  /// Positions whose differences to the first of them are summed before they are merged.
  package static let run = 64

  /// Mean, and sum of squared differences to it, of each of `width` columns of `count` rows,
  /// `stride` elements apart.
  /// - Parameter room: 2 · `width` elements.
  package static func accumulate<S: HostScalar>(
    _ source: UnsafePointer<S>, stride: Int, count: Int, width: Int,
    means: UnsafeMutablePointer<S>, squares: UnsafeMutablePointer<S>,
    room sums: UnsafeMutablePointer<S>
  ) {
    let sumsOfSquares = sums + width
    means.update(repeating: 0, count: width)
    squares.update(repeating: 0, count: width)
    for start in Swift.stride(from: 0, to: count, by: run) {
      let length = min(run, count - start)
      let first = source + start * stride
      S.sumDifferences(
        first, stride: stride, count: length, width: width, sums: sums, squares: sumsOfSquares)
      let share = S(length) / S(start + length)
      for c in 0..<width {
        let mean = first[c] + sums[c] / S(length)
        let step = mean - means[c]
        squares[c] += sumsOfSquares[c] - sums[c] * sums[c] / S(length)
          + step * step * S(start) * share
        means[c] += step * share
      }
    }
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let layout = layout.inLanes
    let means = UnsafeMutablePointer<S>.allocate(capacity: 4 * layout.channels)
    means.initialize(repeating: 0, count: 4 * layout.channels)
    defer { means.deallocate() }
    let squares = means + layout.channels
    layout.forEachSample(units) { sample, groups in
      let width = groups.count * layout.depth
      let source = inputs[0].pointer + sample * layout.positions * layout.channels
        + groups.lowerBound * layout.depth
      Self.accumulate(
        source, stride: layout.channels, count: layout.positions, width: width, means: means,
        squares: squares, room: squares + layout.channels)
      for group in groups {
        let first = (group - groups.lowerBound) * layout.depth
        var mean: S = 0
        for c in first..<first + layout.depth { mean += means[c] }
        mean /= S(layout.depth)
        var square: S = 0
        for c in first..<first + layout.depth {
          let step = means[c] - mean
          square += squares[c] + S(layout.positions) * step * step
        }
        let index = sample * layout.groups + group
        output[index] = mean
        output[layout.samples * layout.groups + index] =
          1 / (square / S(layout.groupSize) + S(epsilon)).squareRoot()
      }
    }
  }

  package var variants: [KernelVariant] {
    layout.variants(
      rows: "moments_rows", columns: "moments_columns", combine: "moments_combine",
      inputs: [.input(0)], settings: [.float(epsilon)], fp16Inputs: 1)
  }
}
