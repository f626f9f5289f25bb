/// The grid that ``GridSample`` reads an image at to transform it: every point of an even grid over
/// −1…1, mapped by an affine (2×3) or projective (3×3) matrix a sample.
package struct ProjectiveGrid: ReferenceOp {
  package let height: Int
  package let width: Int
  package let alignCorners: Bool

  package var name: String { "projective_grid" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 1)
    let shape = inputs[0].shape
    let fits = shape.count == 3 && (shape[1] == 2 || shape[1] == 3) && shape[2] == 3
    try require(fits, "\(inputs[0]) is neither [N,2,3] nor [N,3,3]")
    try require(height > 0 && width > 0, "no grid of \(height)×\(width)")
    return TensorType([shape[0], height, width, 2])
  }

  /// The output is y = p / w with p and w linear in the matrix: so are their gradients g / w and
  /// −(g·y) / w, which the points spread over the columns.
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let graph = gradient.graph
    let samples = output.shape[0]
    let x = graph.literal((0..<width).map { coordinate($0, width) }, [width, 1])
    let y = graph.literal((0..<height).map { coordinate($0, height) }, [height, 1, 1])
    let units = (0..<3).map { axis in graph.literal((0..<3).map { $0 == axis ? 1 : 0 }, [3]) }
    let points = (x * units[0] + y * units[1] + units[2]).reshaped([height, width, 1, 3])
    func spread(_ rows: Tensor) -> Tensor {
      (rows.reshaped([samples, height, width, -1, 1]) * points).sum(axes: [1, 2])
        .reshaped([samples, -1, 3])
    }
    guard inputs[0].shape[1] == 3 else { return [spread(gradient)] }
    let bottom = inputs[0].sliced(axis: 1, 2..<3).reshaped([samples, 1, 1, 3])
    let w = (points.reshaped([height, width, 3]) * bottom).sum(axes: [3])
    let top = gradient / w
    return [
      spread(top).concatenated(with: spread(-(top * output).sum(axes: [3])), axis: 1)
    ]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 6 * output.elementCount, bytes: traffic(inputs, output))
  }

  /// Rows of the output.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[0] * output.shape[1]
  }

  /// Coordinate of pixel `index` of `count`: its centre, or, with aligned corners, its place
  /// between the centres of the first and the last.
  private func coordinate<S: HostScalar>(_ index: Int, _ count: Int) -> S {
    if alignCorners { return count == 1 ? 0 : S(2 * index) / S(count - 1) - 1 }
    return S(2 * index + 1) / S(count) - 1
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let rows = inputs[0].shape[1]
    for unit in units {
      let m = inputs[0].pointer + unit / height * rows * 3
      let y: S = coordinate(unit % height, height)
      let target = output.pointer + unit * width * 2
      for j in 0..<width {
        let x: S = coordinate(j, width)
        let w = rows == 3 ? m[6] * x + m[7] * y + m[8] : 1
        target[2 * j] = (m[0] * x + m[1] * y + m[2]) / w
        target[2 * j + 1] = (m[3] * x + m[4] * y + m[5]) / w
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("projective_grid_direct") { context in
        let points = context.output.elementCount / 2
        return KernelPlan([
          context.runs(
            "projective_grid_direct", of: width, count: points,
            arguments: [
              .input(0), .output, .int(points), .int(height), .int(width),
              .int(context.inputs[0].shape[1]), .int(alignCorners ? 1 : 0),
            ])
        ])
      }
    ]
  }
}

extension Tensor {
  /// The grid that transforms an image by this matrix when the image is sampled at it: point
  /// (x, y, 1) of the output, −1…1 from edge to edge, times the matrix, is where it comes from.
  ///
  /// This is [N,2,3] for affine maps, as in PyTorch's `affine_grid`, or [N,3,3] for projective
  /// ones, whose third row is what the point is divided by.
  /// - Returns: [N,height,width,2], x then y.
  public func transformationGrid(height: Int, width: Int, alignCorners: Bool = false) -> Tensor {
    let op = ProjectiveGrid(height: height, width: width, alignCorners: alignCorners)
    return graph.apply(op, [self])
  }
}
