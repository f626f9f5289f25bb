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
      KernelVariant(
        "conv2d_grad_weight_blocks", candidates: { _ in RegisterBlock.candidates }
      ) { context in
        let (x, g) = (context.inputs[0].shape, context.inputs[1].shape)
        // A GPU's work-item holds fewer sums in registers.
        let isCPU = context.device.deviceClass == .cpu
        let block = RegisterBlock(
          rows: x[3], columns: g[3],
          most: isCPU ? RegisterBlock.largest(context.device) : (rows: 4, vectors: 1),
          settings: context.settings)
        let panels = block.panels(
          rows: g[0] * g[1] * g[2], columns: g[3], transposed: false, batches: 1,
          packed: false, storing: .float32)
        let accumulate = KernelLaunch(
          "conv2d_grad_weight_blocks", defines: block.defines.merging(geometry.defines) { $1 },
          arguments: [.input(0), .input(1), .output, .int(x[0])]
            + geometry.arguments(x, context.output.shape, g)
            + [.int(panels.panelStride), .int(panels.rowStride)],
          global: [
            block.rowBlocks(x[3]), block.columnBlocks(g[3]), kernelHeight * kernelWidth,
          ],
          local: [1, 1, 1])
        return KernelPlan([accumulate], prepared: panels.prepared)
      }
    ]
  }
}
