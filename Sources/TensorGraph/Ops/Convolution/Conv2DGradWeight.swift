/// Gradient of ``Conv2D`` with respect to its weight:
/// out[r,s,c,k] = Σ x̃[n, p·stride + r − top, q·stride + s − left, c] · g[n,p,q,k] over n, p and q.
///
/// Inputs: the convolution's image x [N,H,W,C], the gradient g [N,P,Q,K] of its output.
package struct Conv2DGradWeight: ReferenceOp, FirstOrderOnly {
  package let geometry: ConvolutionGeometry
  package let kernelHeight: Int
  package let kernelWidth: Int

  package init(geometry: ConvolutionGeometry, kernelHeight: Int, kernelWidth: Int) {
    self.geometry = geometry
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
  }

  package var name: String { "conv2d_grad_weight" }
  package var tuningName: String { "\(name) \(geometry.tuningName)" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (x, g) = (inputs[0].shape, inputs[1].shape)
    try require(x.count == 4, "\(inputs[0]) is not a batch of images [N,H,W,C]")
    let size = try geometry.outputSize(image: x, kernel: [kernelHeight, kernelWidth])
    try require(
      g.count == 4 && Array(g[..<3]) == [x[0]] + size,
      "\(inputs[1]) is not a gradient of \([x[0]] + size) pixels")
    return TensorType([kernelHeight, kernelWidth, x[3], g[3]])
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(
      flops: 2 * inputs[1].elementCount * output.shape.dropLast().reduce(1, *)
        / geometry.dilation.area,
      bytes: traffic(inputs, output))
  }

  /// The weights of one input channel at one place of the kernel.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape.dropLast().reduce(1, *)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (x, g) = (inputs[0].shape, inputs[1].shape)
    let (channels, outputs) = (x[3], g[3])
    for unit in units {
      let (place, c) = (unit / channels, unit % channels)
      let (r, s) = (place / kernelWidth, place % kernelWidth)
      let target = output.pointer + unit * outputs
      target.update(repeating: 0, count: outputs)
      for row in 0..<g[0] * g[1] {
        guard let h = geometry.sourceRow(row % g[1], r, of: x[1]) else { continue }
        let pixels = inputs[0].pointer + (row / g[1] * x[1] + h) * x[2] * channels
        for q in 0..<g[2] {
          guard let column = geometry.sourceColumn(q, s, of: x[2]) else { continue }
          let value = pixels[column * channels + c]
          let gradient = inputs[1].pointer + (row * g[2] + q) * outputs
          for k in 0..<outputs { target[k] += value * gradient[k] }
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("conv2d_grad_weight_blocks") {
        $0.device.deviceClass == .cpu
      } candidates: { _ in
        RegisterBlock.candidates
      } plan: {
        blocks($0)
      },
      KernelVariant(
        "conv2d_grad_weight_tiled", candidates: { WorkGroupTile.candidates($0.device) }
      ) {
        tiled($0)
      },
    ]
  }

  private func blocks(_ context: KernelContext) -> KernelPlan {
    let (x, w, g) = (context.inputs[0].shape, context.output.shape, context.inputs[1].shape)
    let (stride, dilation) = (geometry.stride, geometry.dilation)
    let block = RegisterBlock(
      rows: (w[1] + dilation.width - 1) / dilation.width * w[2], columns: w[3],
      most: RegisterBlock.largest(context.device), settings: context.settings)
    let panels = block.columnBlocks(w[3])

    // Four work-items a core, so that none waits long for the last, but no chunk of less than 512
    // positions: writing and adding partial gradients is little beside their products then. Where that
    // makes too few work-items, each row of the kernel goes to others.
    let (rows, workItems) = (g[0] * g[1], 4 * context.device.computeUnits)
    let most = min((workItems + panels - 1) / panels, max(1, rows * g[2] / 512))
    let chunk = (rows + most - 1) / most
    let chunks = (rows + chunk - 1) / chunk
    let taps = chunks * panels * 2 > workItems ? w[0] : 1
    let shares = (w[0] + taps - 1) / taps

    // The columns of the image that windows cover.
    let firstColumn = floorDivide(-geometry.padding.left, dilation.width)
    let last = (g[2] - 1) * stride.width + w[1] - 1 - geometry.padding.left
    let columns = floorDivide(last, dilation.width) - firstColumn + 1
    // Windows whose pixels are a multiple of 512 bytes apart fall into few lines of the first cache.
    let pitch = (w[2] * stride.width) % 128 == 0 ? w[2] + 4 : w[2]
    // At least 128 positions at a time, so that reading and writing the sums is little beside their
    // products; of those as many as make 128 KB with their part of the image.
    let step = min(g[1], (127 + g[2]) / g[2])
    func floats(_ strip: Int) -> (image: Int, gradient: Int) {
      let high = ((strip - 1) * stride.height + taps + dilation.height - 1) / dilation.height
      return (high * columns * pitch + block.rows, strip * g[2] * block.columns)
    }
    var strip = step
    while strip + step <= min(chunk, g[1]),
      floats(strip + step).image + floats(strip + step).gradient <= 32_768
    { strip += step }
    let (image, gradient) = floats(strip)

    let accumulate = KernelLaunch(
      "conv2d_grad_weight_blocks", defines: block.defines.merging(geometry.defines) { $1 },
      arguments: [.input(0), .input(1), .scratch(0), .scratch(1), .int(x[0])]
        + geometry.arguments(x, w, g)
        + [pitch, chunk, taps, strip, step, firstColumn, columns, image, image + gradient]
        .map { .int($0) },
      global: [chunks, panels, shares], local: [1, 1, 1])
    let line = panels * block.columns
    return KernelPlan(
      [
        accumulate,
        combine(
          chunks, pitch: pitch, line: line, ["DILATION_W": dilation.width, "RUN": 16], context),
      ],
      scratch: [
        4 * chunks * w[0] * w[1] * pitch * line,
        4 * chunks * panels * shares * (image + gradient),
      ])
  }

  private func tiled(_ context: KernelContext) -> KernelPlan {
    let (x, w, g) = (context.inputs[0].shape, context.output.shape, context.inputs[1].shape)
    // Places of the kernel that are over pixels together; see conv2d_grad_weight_tiled.cl.
    let phases = Sides(
      geometry.stride.height == 1 ? geometry.dilation.height : 1,
      geometry.stride.width == 1 ? geometry.dilation.width : 1)
    func share(_ count: Int, _ phases: Int) -> Int { (count + phases - 1) / phases }
    let rows = share(w[0], phases.height) * share(w[1], phases.width) * w[2]
    let positions = g[0] * share(g[1], phases.height) * share(g[2], phases.width)
    let most = max(1, positions / 256)
    let tile = WorkGroupTile(
      rows: rows, columns: w[3], batches: most * phases.area, device: context.device,
      settings: context.settings)
    // Where there are few tiles, chunks of the positions, 256 or more each, keep the device busy.
    let blocks = share(rows, tile.side) * phases.area
    let tiles = blocks * share(w[3], tile.side)
    let wanted = min(most, share(4 * context.device.computeUnits, tiles))
    let chunk = share(share(positions, wanted), tile.slab) * tile.slab
    let chunks = share(positions, chunk)
    let multiply = KernelLaunch(
      "conv2d_grad_weight_tiled",
      defines: tile.defines.merging(geometry.defines) { $1 }
        .merging(["PHASES_H": phases.height, "PHASES_W": phases.width]) { $1 },
      arguments: [
        .input(0), .input(1), chunks > 1 ? .scratch(0) : .output, .int(positions), .int(chunk),
      ] + geometry.arguments(x, w, g),
      global: tile.global(rows: blocks * tile.side, columns: w[3], batches: chunks),
      local: tile.local, isDivisible: true)
    guard chunks > 1 else { return KernelPlan([multiply]) }
    return KernelPlan(
      [multiply, combine(chunks, pitch: w[2], line: w[3], [:], context)],
      scratch: [4 * chunks * w.elementCount])
  }

  /// Adds the partial gradients in the first scratch buffer.
  private func combine(
    _ chunks: Int, pitch: Int, line: Int, _ defines: [String: Int], _ context: KernelContext
  ) -> KernelLaunch {
    let w = context.output.shape
    let (rows, run) = (w[0] * w[1] * w[2], defines["RUN"] ?? 1)
    return KernelLaunch(
      "conv2d_grad_weight_combine", defines: defines,
      arguments: [.scratch(0), .output]
        + [rows, w[1], w[2], w[3], pitch, line, chunks].map { .int($0) },
      global: [rows * ((w[3] + run - 1) / run)], local: [run > 1 ? 1 : context.flatLocal])
  }
}

/// a / b rounded down.
private func floorDivide(_ a: Int, _ b: Int) -> Int { (a >= 0 ? a : a - b + 1) / b }
