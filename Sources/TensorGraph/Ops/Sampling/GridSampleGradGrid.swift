/// Gradient of ``GridSample`` with respect to its grid, from x, grid and the output's gradient.
package struct GridSampleGradGrid: ReferenceOp, FirstOrderOnly {
  package let rule: SampleRule

  package var name: String { "grid_sample_grad_grid" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 3)
    let geometry = try SampleGeometry(image: inputs[0].shape, grid: inputs[1].shape)
    let sampled = inputs[1].shape[..<3] + [geometry.channels]
    try require(inputs[2].shape == Shape(sampled), "gradient \(inputs[2]) of an output \(sampled)")
    return TensorType(inputs[1].shape)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 16 * inputs[2].elementCount, bytes: traffic(inputs, output))
  }

  /// Rows of the grid.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[0] * output.shape[1]
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (x, grid, gradient) = (inputs[0], inputs[1], inputs[2])
    let geometry = SampleGeometry(checked: x.shape, grid: grid.shape)
    let channels = geometry.channels
    let row = grid.shape[2]
    for point in units.lowerBound * row..<units.upperBound * row {
      let image = x.pointer + point / geometry.pointsPerImage * geometry.imageCount
      let incoming = gradient.pointer + point * channels
      let u = rule.position(grid[2 * point], geometry.width)
      let v = rule.position(grid[2 * point + 1], geometry.height)
      let (left, top) = (u.value.floor, v.value.floor)
      var (du, dv) = (S.zero, S.zero)
      for y in top...top + 1 where y >= 0 && y < geometry.height {
        for x in left...left + 1 where x >= 0 && x < geometry.width {
          let source = image + (y * geometry.width + x) * channels
          var product = S.zero
          for c in 0..<channels { product += incoming[c] * source[c] }
          du += (x == left ? -product : product) * (1 - abs(v.value - S(y)))
          dv += (y == top ? -product : product) * (1 - abs(u.value - S(x)))
        }
      }
      output[2 * point] = du * u.slope
      output[2 * point + 1] = dv * v.slope
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("grid_sample_grad_grid_direct") { context in
        let geometry = SampleGeometry(
          checked: context.inputs[0].shape, grid: context.inputs[1].shape)
        return KernelPlan([
          KernelLaunch(
            "grid_sample_grad_grid_direct",
            arguments: [.input(0), .input(1), .input(2), .output] + geometry.arguments
              + rule.arguments,
            global: [geometry.points], local: [context.flatLocal])
        ])
      }
    ]
  }
}
