/// Gradient of ``DepthwiseConv2D`` with respect to its weight:
/// out[r,s,c] = Σ x̃[n, p·stride + r − top, q·stride + s − left, c] · g[n,p,q,c] over n, p and q.
///
/// Inputs: the convolution's image x [N,H,W,C], the gradient g [N,P,Q,C] of its output.
package struct DepthwiseConv2DGradWeight: ReferenceOp, FirstOrderOnly {
  package let geometry: ConvolutionGeometry
  package let kernelHeight: Int
  package let kernelWidth: Int

  package init(geometry: ConvolutionGeometry, kernelHeight: Int, kernelWidth: Int) {
    self.geometry = geometry
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
  }

  package var name: String { "depthwise_conv2d_grad_weight" }
  package var tuningName: String { "\(name) \(geometry.tuningName)" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let x = inputs[0].shape
    try require(x.count == 4, "\(inputs[0]) is not a batch of images [N,H,W,C]")
    let size = try geometry.outputSize(image: x, kernel: [kernelHeight, kernelWidth])
    let expected = [x[0]] + size + [x[3]]
    try require(inputs[1].shape == expected, "\(inputs[1]) is not a gradient \(expected)")
    return TensorType([kernelHeight, kernelWidth, x[3]])
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(
      flops: 2 * inputs[1].elementCount * kernelHeight * kernelWidth / geometry.dilation.area,
      bytes: traffic(inputs, output))
  }

  /// The weights at one place of the kernel.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    kernelHeight * kernelWidth
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let (x, g) = (inputs[0].shape, inputs[1].shape)
    let channels = x[3]
    for unit in units {
      let (r, s) = (unit / kernelWidth, unit % kernelWidth)
      let target = output.pointer + unit * channels
      target.update(repeating: 0, count: channels)
      for row in 0..<g[0] * g[1] {
        guard let h = geometry.sourceRow(row % g[1], r, of: x[1]) else { continue }
        let pixels = inputs[0].pointer + (row / g[1] * x[1] + h) * x[2] * channels
        for q in 0..<g[2] {
          guard let column = geometry.sourceColumn(q, s, of: x[2]) else { continue }
          let pixel = pixels + column * channels
          let gradient = inputs[1].pointer + (row * g[2] + q) * channels
          for c in 0..<channels { target[c] += pixel[c] * gradient[c] }
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant(
        "depthwise_conv2d_grad_weight_columns",
        storage: KernelVariant.Storage(fp16Inputs: 2, inputsMustMatch: true)
      ) { context in
        let (x, w, g) = (context.inputs[0].shape, context.output.shape, context.inputs[1].shape)
        let isCPU = context.device.deviceClass == .cpu
        let width = isCPU ? [16, 8, 4, 2].first { x[3] % $0 == 0 } ?? 1 : 1
        // Rows of g that one work-item sums up: about 1,000 pixels, and no more than 256 chunks.
        let rows = g[0] * g[1]
        let chunk = max(1, (1023 + g[2]) / g[2], (rows + 255) / 256)
        let chunks = (rows + chunk - 1) / chunk
        let count = w.elementCount
        return KernelPlan(
          [
            KernelLaunch(
              "depthwise_conv2d_grad_weight_columns",
              defines: geometry.defines(w).merging(["WIDTH": width]) { $1 },
              arguments: [.input(0), .input(1), .scratch(0), .int(rows), .int(chunk)]
                + geometry.arguments(x, w, g),
              global: [chunks * kernelHeight * (x[3] / width)],
              local: [isCPU ? 1 : context.flatLocal]),
            KernelLaunch(
              "depthwise_conv2d_grad_weight_combine",
              arguments: [.scratch(0), .output, .int(count), .int(chunks)],
              global: [count], local: [context.flatLocal]),
          ],
          scratch: [chunks * count * MemoryLayout<Float>.stride])
      }
    ]
  }
}
