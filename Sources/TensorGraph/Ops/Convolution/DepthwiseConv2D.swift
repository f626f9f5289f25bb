/// Two-dimensional convolution of every channel by itself (cross-correlation):
/// out[n,p,q,c] = Σ x̃[n, p·stride + r − top, q·stride + s − left, c] · w[r,s,c] over r and s,
/// where x̃ is x with zeros between its pixels and around them.
///
/// The image's gradient is again such a convolution, with stride and dilation exchanged.
/// (Howard et al., MobileNets, 2017.)
package struct DepthwiseConv2D: ReferenceOp {
  package let geometry: ConvolutionGeometry

  package init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  package var name: String { "depthwise_conv2d" }
  package var tuningName: String { "\(name) \(geometry.tuningName)" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    let (x, w) = (inputs[0].shape, inputs[1].shape)
    try require(x.count == 4, "\(inputs[0]) is not a batch of images [N,H,W,C]")
    try require(w.count == 3, "\(inputs[1]) is not a weight [R,S,C]")
    try require(w[2] == x[3], "weight \(inputs[1]) has \(w[2]) channels, x \(inputs[0]) has \(x[3])")
    return TensorType([x[0]] + (try geometry.outputSize(image: x, kernel: w)) + [x[3]])
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let (x, w) = (inputs[0], inputs[1])
    let adjoint = geometry.adjoint(image: x.shape, kernel: w.shape, output: output.shape)
    let gradientW = DepthwiseConv2DGradWeight(
      geometry: geometry, kernelHeight: w.shape[0], kernelWidth: w.shape[1])
    return [
      x.graph.apply(DepthwiseConv2D(adjoint), [gradient, w.flipped(axis: 0).flipped(axis: 1)]),
      x.graph.apply(gradientW, [x, gradient]),
    ]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let places = inputs[1].shape[0] * inputs[1].shape[1]
    return Cost(
      flops: 2 * output.elementCount * places / geometry.dilation.area,
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
    let (columns, channels) = (output.shape[2], output.shape[3])
    for unit in units {
      let (image, p) = (unit / output.shape[1], unit % output.shape[1])
      for q in 0..<columns {
        let target = output.pointer + (unit * columns + q) * channels
        target.update(repeating: 0, count: channels)
        for r in 0..<w[0] {
          guard let h = geometry.sourceRow(p, r, of: x[1]) else { continue }
          for s in 0..<w[1] {
            guard let column = geometry.sourceColumn(q, s, of: x[2]) else { continue }
            let pixel = inputs[0].pointer + ((image * x[1] + h) * x[2] + column) * channels
            let weights = inputs[1].pointer + (r * w[1] + s) * channels
            for c in 0..<channels { target[c] += pixel[c] * weights[c] }
          }
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    [
      KernelVariant("depthwise_conv2d_rows", appliesEpilogue: true, storage: .matchingInputs) {
        $0.device.deviceClass == .cpu && $0.output.shape[3] % 16 == 0
      } plan: { context in
        let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
        let rows = y[0] * y[1]
        let hasRegisters = context.device.registerFloats >= DeviceTraits.maxRegisterFloats
        return KernelPlan([
          KernelLaunch(
            "depthwise_conv2d_rows",
            defines: geometry.defines(w).merging(
              ["VECTORS": x[3] % 32 == 0 && hasRegisters ? 2 : 1]) { $1 },
            arguments: [.input(0), .input(1), .output, .int(rows)]
              + geometry.arguments(x, w, y),
            global: [min(4 * context.device.computeUnits, rows)], local: [1])
        ])
      },
      KernelVariant(
        "depthwise_conv2d_direct", appliesEpilogue: true, storage: .matchingInputs
      ) { context in
        let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
        let count = context.output.elementCount
        return KernelPlan([
          KernelLaunch(
            "depthwise_conv2d_direct", defines: geometry.defines(w),
            arguments: [.input(0), .input(1), .output, .int(count)]
              + geometry.arguments(x, w, y),
            global: [count], local: [context.flatLocal])
        ])
      },
    ]
  }
}

extension ConvolutionGeometry {
  /// Definitions of kernels that unroll their loops over the taps of `kernel` [R,S,…].
  package func defines(_ kernel: Shape) -> [String: Int] {
    defines.merging(["KERNEL_H": kernel[0], "KERNEL_W": kernel[1]]) { $1 }
  }
}

extension Tensor {
  /// Convolution of every channel of this [N,H,W,C] by itself.
  ///
  /// - Parameters:
  ///   - weight: [R,S,C].
  ///   - stride: pixels from one window to the next, along both sides.
  ///   - padding: zeros around the image.
  /// - Returns: [N,P,Q,C] with P = (H + top + bottom − R) / stride + 1, rounded down; Q likewise.
  /// - Complexity: N·P·Q·C·R·S multiply-adds.
  public func depthwiseConv2d(
    _ weight: Tensor, stride: Int = 1, padding: Padding, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    let geometry = ConvolutionGeometry(
      stride: Sides(stride, stride), padding: padding, dilation: Sides(1, 1))
    return graph.at(file, line) { graph.apply(DepthwiseConv2D(geometry), [self, weight]) }
  }

  /// Convolution of every channel of this [N,H,W,C] by itself, with `padding` zeros on every side;
  /// see ``depthwiseConv2d(_:stride:padding:file:line:)-(_,_,Padding,_,_)``.
  public func depthwiseConv2d(
    _ weight: Tensor, stride: Int = 1, padding: Int = 0, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    depthwiseConv2d(
      weight, stride: stride, padding: Padding(all: padding), file: file, line: line)
  }
}
