import CHostKernels

/// Gradient of ``GridSample`` with respect to its image, from grid and the output's gradient.
///
/// Points scatter, so whoever adds must not depend on timing: on CPUs a work-item owns rows of the
/// image and adds in the order of the points; on GPUs points add whole numbers, in fixed point
/// scaled by the largest gradient.
package struct GridSampleGradInput: ReferenceOp, FirstOrderOnly {
  package let rule: SampleRule
  /// [N or 1,H,W,C].
  package let imageShape: Shape

  package init(rule: SampleRule, imageShape: Shape) {
    self.rule = rule
    self.imageShape = imageShape
  }

  package var name: String { "grid_sample_grad_input" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let geometry = try SampleGeometry(image: imageShape, grid: inputs[0].shape)
    let sampled = inputs[0].shape[..<3] + [geometry.channels]
    try require(inputs[1].shape == Shape(sampled), "gradient \(inputs[1]) of an output \(sampled)")
    return TensorType(imageShape)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 8 * inputs[1].elementCount, bytes: traffic(inputs, output))
  }

  /// Bands of image rows that one pass over the points fills; few, as each band is a pass.
  private static let bandsPerImage = 4

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[0] * min(output.shape[1], Self.bandsPerImage)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let geometry = SampleGeometry(checked: imageShape, grid: inputs[0].shape)
    forEachBand(of: units, geometry) { image, rows in
      fill(rows, image: image, geometry, inputs[0].pointer, inputs[1].pointer, output.pointer)
    }
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    let geometry = SampleGeometry(checked: imageShape, grid: inputs[0].shape)
    guard var shape = geometry.hostShape(rule) else {
      return reference(inputs, into: output, units: units)
    }
    forEachBand(of: units, geometry) { image, rows in
      tessera_grid_sample_grad_input(
        &shape, inputs[0].pointer, inputs[1].pointer, Int64(image), Int64(rows.lowerBound),
        Int64(rows.upperBound), output.pointer)
    }
  }

  /// Calls `body` with the rows that `units` cover of each image.
  private func forEachBand(
    of units: Range<Int>, _ geometry: SampleGeometry, _ body: (_ image: Int, Range<Int>) -> Void
  ) {
    let bands = min(geometry.height, Self.bandsPerImage)
    var unit = units.lowerBound
    while unit < units.upperBound {
      let (image, first) = unit.quotientAndRemainder(dividingBy: bands)
      let last = min(bands, first + units.upperBound - unit)
      body(image, first * geometry.height / bands..<last * geometry.height / bands)
      unit += last - first
    }
  }

  /// Adds every point to the rows of one image, in the order of the points.
  private func fill<S: HostScalar>(
    _ rows: Range<Int>, image: Int, _ geometry: SampleGeometry, _ grid: UnsafePointer<S>,
    _ gradient: UnsafePointer<S>, _ output: UnsafeMutablePointer<S>
  ) {
    let (width, channels) = (geometry.width, geometry.channels)
    let target = output + image * geometry.imageCount
    (target + rows.lowerBound * width * channels)
      .update(repeating: 0, count: rows.count * width * channels)
    for point in image * geometry.pointsPerImage..<(image + 1) * geometry.pointsPerImage {
      let v = rule.position(grid[2 * point + 1], geometry.height).value
      let top = v.floor
      if top + 1 < rows.lowerBound || top >= rows.upperBound { continue }
      let u = rule.position(grid[2 * point], width).value
      let left = u.floor
      let incoming = gradient + point * channels
      for y in top...top + 1 where rows.contains(y) {
        for x in left...left + 1 where x >= 0 && x < width {
          let weight = (1 - abs(u - S(x))) * (1 - abs(v - S(y)))
          let pixel = target + (y * width + x) * channels
          for c in 0..<channels { pixel[c] += weight * incoming[c] }
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("grid_sample_grad_input_bands") { context in
        context.device.deviceClass == .cpu
      } plan: { context in
        let geometry = SampleGeometry(checked: imageShape, grid: context.inputs[0].shape)
        let wanted = (context.device.computeUnits + geometry.images - 1) / geometry.images
        let bands = min(wanted, geometry.height)
        return KernelPlan([
          KernelLaunch(
            "grid_sample_grad_input_bands", defines: ["CHANNELS": geometry.channels],
            arguments: [.input(0), .input(1), .output, .int(bands)]
              + geometry.arguments.dropFirst().dropLast() + rule.arguments,
            global: [geometry.images * bands], local: [1])
        ])
      },
      KernelVariant("grid_sample_grad_input_fixed") { fixedPointPlan($0) },
    ]
  }

  /// Finds the largest gradient, adds in fixed point, and turns the sums into floats.
  private func fixedPointPlan(_ context: KernelContext) -> KernelPlan {
    let geometry = SampleGeometry(checked: imageShape, grid: context.inputs[0].shape)
    let count = context.output.elementCount
    var local = 1
    while local * 2 <= min(128, context.device.maxWorkGroupSize) { local *= 2 }
    // A pixel gets at most the largest gradient from each point, so these bits cannot overflow.
    let pointBits = Int.bitWidth - (geometry.pointsPerImage - 1).leadingZeroBitCount
    let bits = KernelArgument.int(62 - pointBits)
    let (largest, words) = (KernelArgument.scratch(0), KernelArgument.scratch(1))
    let defines = ["LOCAL": local]
    return KernelPlan(
      [
        KernelLaunch(
          "grid_sample_grad_input_fixed_largest", defines: defines,
          arguments: [
            .input(1), largest, words, .int(context.inputs[1].elementCount), .int(2 * count),
          ],
          global: [local * local], local: [local]),
        KernelLaunch(
          "grid_sample_grad_input_fixed", defines: defines,
          arguments: [.input(0), .input(1), largest, words] + geometry.arguments
            + rule.arguments + [bits],
          global: [geometry.points], local: [local]),
        KernelLaunch(
          "grid_sample_grad_input_fixed_store", defines: defines,
          arguments: [largest, words, .output, .int(count), bits],
          global: [count], local: [local]),
      ], scratch: [local * 4, count * 8])
  }
}
