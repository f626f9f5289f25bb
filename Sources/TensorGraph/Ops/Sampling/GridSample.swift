import CHostKernels

/// What sampling finds outside an image.
public enum SamplePadding: String, Hashable, Sendable, Codable {
  /// Zeros.
  case zeros
  /// The nearest pixel of the edge.
  case border
  /// The image mirrored at its edges, again and again.
  case reflection

  /// Number of the case in kernels.
  var code: Int {
    switch self {
    case .zeros: 0
    case .border: 1
    case .reflection: 2
    }
  }
}

/// How grid coordinates find pixels; −1 and 1 are the edges of an image. Follows PyTorch.
package struct SampleRule: Hashable, Sendable {
  package let padding: SamplePadding
  /// Whether −1 and 1 are the centres of the outermost pixels, rather than their outer edges.
  package let alignCorners: Bool

  package init(padding: SamplePadding, alignCorners: Bool) {
    self.padding = padding
    self.alignCorners = alignCorners
  }

  /// Position in pixels of `coordinate` on an axis of `size`, and its derivative.
  ///
  /// A position that reads zeros is brought within two pixels of the image, where it still reads
  /// zeros, so that it can be an integer.
  @inline(__always)
  func position<S: HostScalar>(_ coordinate: S, _ size: Int) -> (value: S, slope: S) {
    let extent = S(alignCorners ? size - 1 : size)
    let position = ((coordinate + 1) * extent - (alignCorners ? 0 : 1)) / 2
    let slope = extent / 2
    switch padding {
    case .zeros: return (S.minimum(S.maximum(position, -2), S(size + 1)), slope)
    case .border: return clip(position, slope, size)
    case .reflection:
      // Mirrors lie at the edges −½ and size − ½, or in the outermost centres.
      if extent == 0 { return (0, 0) }
      let low: S = alignCorners ? 0 : -0.5
      let distance = abs(position - low)
      let flips = (distance / extent).rounded(.down)
      let rest = distance - flips * extent
      let isOdd = flips - 2 * (flips / 2).rounded(.down) != 0
      let direction = (position < low) == isOdd ? slope : -slope
      return clip((isOdd ? extent - rest : rest) + low, direction, size)
    }
  }

  @inline(__always)
  private func clip<S: HostScalar>(_ position: S, _ slope: S, _ size: Int) -> (value: S, slope: S) {
    let last = S(size - 1)
    let inside = position > 0 && position < last
    return (S.minimum(S.maximum(position, 0), last), inside ? slope : 0)
  }

  /// The parameters that end every sampling kernel's list.
  var arguments: [KernelArgument] { [.int(padding.code), .int(alignCorners ? 1 : 0)] }
}

/// Extents of x [N or 1,H,W,C] sampled at grid [N,P,Q,2].
struct SampleGeometry {
  let samples: Int
  let pointsPerSample: Int
  let images: Int
  let height: Int
  let width: Int
  let channels: Int

  init(image: Shape, grid: Shape) throws(ShapeError) {
    try require(image.count == 4, "image \(image) is not [N,H,W,C]")
    try require(grid.count == 4 && grid[3] == 2, "grid \(grid) is not [N,P,Q,2]")
    try require(
      image[0] == grid[0] || image[0] == 1, "\(image[0]) images for a grid \(grid) of \(grid[0])")
    (samples, pointsPerSample) = (grid[0], grid[1] * grid[2])
    (images, height, width, channels) = (image[0], image[1], image[2], image[3])
  }

  /// The geometry of an op whose inputs have been checked.
  init(checked image: Shape, grid: Shape) {
    do { self = try SampleGeometry(image: image, grid: grid) } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The geometry of a `grid_sample` on a device.
  init(_ context: KernelContext) {
    self.init(checked: context.inputs[0].shape, grid: context.inputs[1].shape)
  }

  var points: Int { samples * pointsPerSample }
  /// Points that read one image: all of them where it is shared.
  var pointsPerImage: Int { points / images }
  var imageCount: Int { height * width * channels }

  var arguments: [KernelArgument] {
    [points, pointsPerImage, height, width, channels].map { .int($0) }
  }

  /// What the host's loops take, of pictures; nil for another number of channels.
  func hostShape(_ rule: SampleRule) -> tessera_sample_shape? {
    guard channels == 3 else { return nil }
    return tessera_sample_shape(
      points_per_image: Int64(pointsPerImage), height: Int64(height), width: Int64(width),
      padding: Int32(rule.padding.code), align_corners: rule.alignCorners ? 1 : 0)
  }
}

/// x [N or 1,H,W,C] read between its pixels at grid [N,P,Q,2] (x, y in −1…1), bilinearly:
/// [N,P,Q,C]. One image serves the whole batch without a copy.
package struct GridSample: ReferenceOp {
  package let rule: SampleRule

  /// `RUN` of `common/sampling.cl`: points in a row whose places are computed as one vector.
  private static let run = 16

  package var name: String { "grid_sample" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (image, grid) = (inputs[0].shape, inputs[1].shape)
    let geometry = try SampleGeometry(image: image, grid: grid)
    return TensorType([grid[0], grid[1], grid[2], geometry.channels])
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let (x, grid) = (inputs[0], inputs[1])
    let gradInput = GridSampleGradInput(rule: rule, imageShape: x.shape)
    return [
      x.graph.apply(gradInput, [grid, gradient]),
      x.graph.apply(GridSampleGradGrid(rule: rule), [x, grid, gradient]),
    ]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 8 * output.elementCount, bytes: traffic(inputs, output))
  }

  /// Rows of the output.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[0] * output.shape[1]
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (x, grid) = (inputs[0], inputs[1])
    let geometry = SampleGeometry(checked: x.shape, grid: grid.shape)
    let channels = geometry.channels
    let row = grid.shape[2]
    for point in units.lowerBound * row..<units.upperBound * row {
      let image = x.pointer + point / geometry.pointsPerImage * geometry.imageCount
      let target = output.pointer + point * channels
      target.update(repeating: 0, count: channels)
      let u = rule.position(grid[2 * point], geometry.width).value
      let v = rule.position(grid[2 * point + 1], geometry.height).value
      let (left, top) = (u.floor, v.floor)
      for y in top...top + 1 where y >= 0 && y < geometry.height {
        for x in left...left + 1 where x >= 0 && x < geometry.width {
          let weight = (1 - abs(u - S(x))) * (1 - abs(v - S(y)))
          let source = image + (y * geometry.width + x) * channels
          for c in 0..<channels { target[c] += weight * source[c] }
        }
      }
    }
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    let (x, grid) = (inputs[0], inputs[1])
    let geometry = SampleGeometry(checked: x.shape, grid: grid.shape)
    guard var shape = geometry.hostShape(rule) else {
      return reference(inputs, into: output, units: units)
    }
    let row = Int64(grid.shape[2])
    tessera_grid_sample(
      &shape, x.pointer, grid.pointer, Int64(units.lowerBound) * row,
      Int64(units.upperBound) * row, output.pointer)
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("grid_sample_runs", appliesEpilogue: true) { context in
        context.device.deviceClass == .cpu
          && SampleGeometry(context).pointsPerImage % Self.run == 0
      } plan: { context in
        let geometry = SampleGeometry(context)
        let runs = 64
        return KernelPlan([
          KernelLaunch(
            "grid_sample_runs", defines: ["CHANNELS": geometry.channels, "RUNS": runs],
            arguments: [.input(0), .input(1), .output] + geometry.arguments.dropLast()
              + rule.arguments,
            global: [(geometry.points - 1) / (Self.run * runs) + 1], local: [1])
        ])
      },
      KernelVariant("grid_sample_direct", appliesEpilogue: true) { context in
        let geometry = SampleGeometry(context)
        return KernelPlan([
          KernelLaunch(
            "grid_sample_direct",
            arguments: [.input(0), .input(1), .output] + geometry.arguments + rule.arguments,
            global: [geometry.points], local: [context.flatLocal])
        ])
      },
    ]
  }
}

extension Tensor {
  /// This image [N or 1,H,W,C] read between its pixels at the points of `grid`, bilinearly, with
  /// the conventions of PyTorch's `grid_sample`. A batch of one serves every sample of the grid.
  /// - Parameters:
  ///   - grid: [N,P,Q,2], x then y, −1…1 from edge to edge.
  ///   - padding: what lies outside the image.
  ///   - alignCorners: whether −1 and 1 are the centres of the outermost pixels, rather than
  ///     their outer edges.
  /// - Returns: [N,P,Q,C].
  public func sampled(
    at grid: Tensor, padding: SamplePadding = .zeros, alignCorners: Bool = false
  ) -> Tensor {
    let rule = SampleRule(padding: padding, alignCorners: alignCorners)
    return graph.apply(GridSample(rule: rule), [self, grid])
  }
}
