/// Two-dimensional convolution of channels-last images (cross-correlation, as in every framework):
/// out[n,p,q,k] = Σ x̃[n, p·stride + r − top, q·stride + s − left, c] · w[r,s,c,k] over r, s and c,
/// where x̃ is x with zeros between its pixels and around them.
///
/// The image's gradient is again such a convolution, with stride and dilation exchanged.
package struct Conv2D: ReferenceOp {
  package let geometry: ConvolutionGeometry

  package init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  package var name: String { "conv2d" }
  package var tuningName: String { "\(name) \(geometry.tuningName)" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (x, w) = (inputs[0].shape, inputs[1].shape)
    try require(x.count == 4, "\(inputs[0]) is not a batch of images [N,H,W,C]")
    try require(w.count == 4, "\(inputs[1]) is not a weight [R,S,C,K]")
    try require(
      w[2] == x[3], "weight \(inputs[1]) has \(w[2]) input channels, x \(inputs[0]) has \(x[3])")
    return TensorType([x[0]] + (try geometry.outputSize(image: x, kernel: w)) + [w[3]])
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let (x, w) = (inputs[0], inputs[1])
    let adjoint = geometry.adjoint(image: x.shape, kernel: w.shape, output: output.shape)
    let flipped = w.flipped(axis: 0).flipped(axis: 1).permuted([0, 1, 3, 2])
    let gradientW = Conv2DGradWeight(
      geometry: geometry, kernelHeight: w.shape[0], kernelWidth: w.shape[1])
    return [
      x.graph.apply(Conv2D(adjoint), [gradient, flipped]),
      x.graph.apply(gradientW, [x, gradient]),
    ]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let taps = inputs[1].shape.dropLast().reduce(1, *)
    return Cost(
      flops: 2 * output.elementCount * taps / geometry.dilation.area,
      bytes: traffic(inputs, output))
  }

  /// One row of an output image.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[0] * output.shape[1]
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (x, w) = (inputs[0].shape, inputs[1].shape)
    let (columns, outputs) = (output.shape[2], output.shape[3])
    for unit in units {
      let (image, p) = (unit / output.shape[1], unit % output.shape[1])
      for q in 0..<columns {
        let target = output.pointer + (unit * columns + q) * outputs
        target.update(repeating: 0, count: outputs)
        for r in 0..<w[0] {
          guard let h = geometry.sourceRow(p, r, of: x[1]) else { continue }
          for s in 0..<w[1] {
            guard let column = geometry.sourceColumn(q, s, of: x[2]) else { continue }
            let pixel = inputs[0].pointer + ((image * x[1] + h) * x[2] + column) * x[3]
            let weights = inputs[1].pointer + (r * w[1] + s) * x[3] * outputs
            for c in 0..<x[3] {
              let value = pixel[c]
              let row = weights + c * outputs
              for k in 0..<outputs { target[k] += value * row[k] }
            }
          }
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      winogradPanels,
      winograd,
      KernelVariant("conv2d_dots", appliesEpilogue: true, storage: .matchingInputs) {
        $0.device.deviceClass == .cpu && $0.inputs[1].shape[2] % 16 == 0
          && $0.output.shape[3] <= 4 && geometry.dilation.area == 1
      } plan: {
        dots($0)
      },
      KernelVariant("conv2d_direct", appliesEpilogue: true, storage: .matchingInputs) {
        $0.device.deviceClass == .cpu
      } candidates: { _ in
        RegisterBlock.candidates
      } plan: {
        direct($0)
      },
      KernelVariant(
        "conv2d_implicit_gemm", appliesEpilogue: true, storage: .matchingInputs,
        candidates: { WorkGroupTile.candidates($0.device) }
      ) {
        implicitGEMM($0)
      },
    ]
  }

  private func dots(_ context: KernelContext) -> KernelPlan {
    let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
    let taps = w[0] * w[1] * w[2]
    let panels = RegisterBlock(rows: w[3], columns: 16, most: (12, 1), settings: [:]).panels(
      rows: w[3], columns: taps, transposed: true, batches: 1, packed: true,
      storing: context.inputs[1].scalar)
    let convolve = KernelLaunch(
      "conv2d_dots", defines: ["OUTPUTS": w[3]],
      arguments: [.input(0), .input(1), .output, .int(y[0] * y[1])]
        + geometry.arguments(x, w, y),
      global: [shares(of: y, context)], local: [1])
    return KernelPlan([convolve], prepared: panels.prepared)
  }

  /// Work-items that walk equal shares of an output's rows.
  private func shares(of output: Shape, _ context: KernelContext) -> Int {
    min(4 * context.device.computeUnits, output[0] * output[1])
  }

  private func direct(_ context: KernelContext) -> KernelPlan {
    let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
    let block = RegisterBlock(
      rows: y[2], columns: w[3], most: RegisterBlock.largest(context.device),
      settings: context.settings)
    let panels = block.panels(
      rows: w[0] * w[1] * w[2], columns: w[3], transposed: false, batches: 1,
      packed: y[0] * y[1] * y[2] > 32 * block.rows, storing: context.inputs[1].scalar)
    // As many panels as stay in a core's second cache beside pixels and results.
    let panelBytes = 4 * w[0] * w[1] * w[2] * block.columns
    let group = max(1, min(block.columnBlocks(w[3]), 131_072 / panelBytes))
    let convolve = KernelLaunch(
      "conv2d_direct",
      defines: block.defines.merging(geometry.defines) { $1 }.merging(["PANELS": group]) { $1 },
      arguments: [.input(0), .input(1), .output, .int(y[0] * y[1])]
        + geometry.arguments(x, w, y) + [.int(panels.panelStride), .int(panels.rowStride)],
      global: [shares(of: y, context), (block.columnBlocks(w[3]) + group - 1) / group],
      local: [1, 1])
    return KernelPlan([convolve], prepared: panels.prepared)
  }

  private func implicitGEMM(_ context: KernelContext) -> KernelPlan {
    let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
    // Output pixels between which the image's pixels lie alike; see conv2d_implicit_gemm.cl.
    let phases = Sides(
      geometry.stride.height == 1 ? geometry.dilation.height : 1,
      geometry.stride.width == 1 ? geometry.dilation.width : 1)
    let (rows, columns) = (
      (y[1] + phases.height - 1) / phases.height, (y[2] + phases.width - 1) / phases.width
    )
    let pixels = y[0] * rows * columns
    let tile = WorkGroupTile(
      rows: pixels, columns: y[3], batches: phases.area, device: context.device,
      settings: context.settings)
    // The tiles of all phases follow each other.
    let blocks = (pixels + tile.side - 1) / tile.side
    return KernelPlan([
      KernelLaunch(
        "conv2d_implicit_gemm",
        defines: tile.defines.merging(geometry.defines) { $1 }
          .merging(["PHASES_H": phases.height, "PHASES_W": phases.width]) { $1 },
        arguments: [.input(0), .input(1), .output, .int(pixels)] + geometry.arguments(x, w, y),
        global: tile.global(
          rows: phases.area * blocks * tile.side, columns: y[3], batches: 1),
        local: tile.local, isDivisible: true)
    ])
  }
}

extension Tensor {
  /// Convolution of this [N,H,W,C].
  ///
  /// - Parameters:
  ///   - weight: [R,S,C,K].
  ///   - stride: pixels from one window to the next, along both sides.
  ///   - padding: zeros around the image.
  /// - Returns: [N,P,Q,K] with P = (H + top + bottom − R) / stride + 1, rounded down; Q likewise.
  /// - Complexity: N·P·Q·K·R·S·C multiply-adds.
  public func conv2d(
    _ weight: Tensor, stride: Int = 1, padding: Padding, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    let geometry = ConvolutionGeometry(
      stride: Sides(stride, stride), padding: padding, dilation: Sides(1, 1))
    return graph.at(file, line) { graph.apply(Conv2D(geometry), [self, weight]) }
  }

  /// Convolution of this [N,H,W,C] with `padding` zeros on every side; see
  /// ``conv2d(_:stride:padding:)-(_,_,Padding)``.
  public func conv2d(
    _ weight: Tensor, stride: Int = 1, padding: Int = 0, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    conv2d(weight, stride: stride, padding: Padding(all: padding), file: file, line: line)
  }
}
