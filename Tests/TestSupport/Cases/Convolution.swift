import TensorGraph

extension OpCase {
  package static let convolution: [OpCase] = [
    OpCase("conv2d 3×3", [[1, 5, 4, 3], [3, 3, 3, 2]]) { $0[0].conv2d($0[1], padding: 1) },
    OpCase("conv2d 3×3 without padding", [[2, 4, 5, 2], [3, 3, 2, 3]]) { $0[0].conv2d($0[1]) },
    OpCase("conv2d 2×3, four paddings", [[1, 4, 3, 2], [2, 3, 2, 2]]) {
      $0[0].conv2d($0[1], padding: Padding(top: 0, bottom: 2, left: 3, right: 1))
    },
    OpCase("conv2d 3×3, stride 2", [[1, 6, 5, 2], [3, 3, 2, 3]]) {
      $0[0].conv2d($0[1], stride: 2, padding: 1)
    },
    OpCase("conv2d 3×3, stride 2, padded after", [[1, 6, 6, 2], [3, 3, 2, 2]]) {
      $0[0].conv2d($0[1], stride: 2, padding: Padding(top: 0, bottom: 1, left: 0, right: 1))
    },
    OpCase("conv2d 3×2, stride 3 with a remainder", [[2, 9, 8, 1], [3, 2, 1, 2]]) {
      $0[0].conv2d($0[1], stride: 3, padding: 1)
    },
    OpCase("conv2d 2×2, padded by more than the kernel", [[1, 2, 3, 2], [2, 2, 2, 2]]) {
      $0[0].conv2d($0[1], padding: 3)
    },
    OpCase("conv2d that crops", [[1, 5, 6, 2], [2, 2, 2, 2]]) {
      $0[0].conv2d($0[1], padding: Padding(top: -1, bottom: 1, left: 0, right: -2))
    },
    OpCase("conv2d of a dilated image", [[1, 3, 4, 2], [3, 3, 2, 2]]) {
      $0[0].graph.apply(
        Conv2D(
          ConvolutionGeometry(
            stride: Sides(1, 3), padding: Padding(top: 1, bottom: 2, left: 2, right: 0),
            dilation: Sides(2, 2))), $0)
    },
    OpCase(
      "conv2d of a dilated image over several tiles", [[2, 9, 13, 3], [4, 3, 3, 37]],
      differentiable: []
    ) {
      $0[0].graph.apply(
        Conv2D(
          ConvolutionGeometry(
            stride: Sides(1, 1), padding: Padding(top: 1, bottom: 3, left: -1, right: 2),
            dilation: Sides(2, 3))), $0)
    },
    OpCase("conv2d 1×1", [[2, 3, 2, 4], [1, 1, 4, 3]]) { $0[0].conv2d($0[1]) },
    OpCase("conv2d 1×1, stride 2", [[1, 5, 4, 2], [1, 1, 2, 3]]) {
      $0[0].conv2d($0[1], stride: 2)
    },
    OpCase("conv2d of patches", [[1, 5, 6, 2], [2, 2, 2, 3]]) { $0[0].conv2d($0[1], stride: 2) },
    OpCase("conv2d to one pixel", [[1, 3, 3, 2], [3, 3, 2, 1]]) { $0[0].conv2d($0[1]) },
    OpCase("conv2d over several tiles", [[1, 9, 38, 5], [3, 3, 5, 37]], differentiable: []) {
      $0[0].conv2d($0[1], padding: 1)
    },
    // What a GPU with few compute units takes 128 × 128 results at a time for.
    OpCase("conv2d over several large tiles", [[1, 9, 15, 2], [3, 3, 2, 66]], differentiable: []) {
      $0[0].conv2d($0[1], padding: 1)
    },
    OpCase("conv2d by whole panels", [[2, 3, 5, 17], [3, 3, 17, 32]], differentiable: []) {
      $0[0].conv2d($0[1], padding: 1)
    },
    OpCase("conv2d to three outputs", [[2, 5, 11, 32], [3, 3, 32, 3]], differentiable: []) {
      $0[0].conv2d($0[1], padding: 1)
    },
    OpCase(
      "conv2d to four outputs, stride 2, cropped, activated, with a residual",
      [[1, 9, 20, 16], [2, 3, 16, 4], [4], [1, 5, 9, 4]], differentiable: []
    ) {
      let y = $0[0].conv2d($0[1], stride: 2, padding: Padding(top: 2, bottom: 0, left: -1, right: 1))
      return (y + $0[2]).swish() + $0[3]
    },
    // Winograd's points are fractions and sums of several: about ten times the rounding error.
    OpCase(
      "conv2d 3×3 of whole vectors", [[2, 6, 9, 16], [3, 3, 16, 48]], tolerance: 2e-5,
      isSizedForCPUs: true
    ) { $0[0].conv2d($0[1], padding: 1) },
    OpCase(
      "conv2d 3×3 by many tiles", [[1, 39, 38, 16], [3, 3, 16, 16]], differentiable: [],
      tolerance: 2e-5, isSizedForCPUs: true
    ) { $0[0].conv2d($0[1], padding: 1) },
    OpCase(
      "conv2d 3×3 by panels of the weight", [[1, 10, 14, 32], [3, 3, 32, 64]],
      differentiable: [], tolerance: 2e-5, isSizedForCPUs: true
    ) { $0[0].conv2d($0[1], padding: 1) },
    OpCase(
      "conv2d 3×3 of whole vectors, cropped and padded", [[1, 9, 6, 32], [3, 3, 32, 16]],
      differentiable: [], tolerance: 2e-5
    ) { $0[0].conv2d($0[1], padding: Padding(top: -1, bottom: 2, left: 3, right: 0)) },
    // 4×4 taps of a dilated image, or of stride 2: four times 2×2 taps.
    OpCase(
      "conv2d of an upsampled image", [[2, 5, 4, 3], [3, 3, 3, 2]]
    ) { $0[0].upsampledConv2d($0[1]) },
    OpCase(
      "conv2d of an upsampled image, whole vectors, with its gradients",
      [[1, 6, 9, 16], [3, 3, 16, 32]], tolerance: 2e-5
    ) { $0[0].upsampledConv2d($0[1]) },
    OpCase(
      "conv2d 4×4 of a dilated image, two paddings, activated, with a residual",
      [[2, 6, 7, 32], [4, 4, 32, 16], [16], [2, 12, 12, 16]], differentiable: [], tolerance: 2e-5,
      isSizedForCPUs: true
    ) {
      let geometry = ConvolutionGeometry(
        stride: Sides(1, 1), padding: Padding(top: 3, bottom: 1, left: 1, right: 1),
        dilation: Sides(2, 2))
      return ($0[0].graph.apply(Conv2D(geometry), [$0[0], $0[1]]) + $0[2]).swish() + $0[3]
    },
    OpCase(
      "conv2d 4×4, stride 2, whole vectors", [[2, 17, 12, 32], [4, 4, 32, 32]],
      differentiable: [], tolerance: 2e-5, isSizedForCPUs: true
    ) { $0[0].conv2d($0[1], stride: 2, padding: Padding(top: 0, bottom: 2, left: 1, right: 1)) },
    OpCase(
      "conv2d of whole vectors, activated by groups, with a residual",
      [[1, 8, 8, 16], [3, 3, 16, 16], [16], [1, 8, 8, 16], [4]], differentiable: [],
      tolerance: 2e-5
    ) {
      let scaled = ($0[0].conv2d($0[1], padding: 1) + $0[2]).reshaped([8, 8, 4, 4])
      return (scaled * $0[4].reshaped([4, 1])).swish() + $0[3].reshaped([8, 8, 4, 4])
    },
    OpCase(
      "conv2d by panels of the weight, activated, with a residual",
      [[2, 7, 8, 16], [3, 3, 16, 64], [64], [2, 7, 8, 64]], differentiable: [], tolerance: 2e-5,
      isSizedForCPUs: true
    ) { ($0[0].conv2d($0[1], padding: 1) + $0[2]).swish() + $0[3] },
    OpCase(
      "conv2d, activated, with a residual", [[1, 3, 5, 2], [3, 3, 2, 18], [18], [1, 3, 5, 18]]
    ) {
      ($0[0].conv2d($0[1], padding: 1) + $0[2]).swish() + $0[3]
    },
  ]

  /// Gradients of weights over so many positions that they are summed in several chunks.
  package static let convolutionGradWeight: [OpCase] = [
    gradWeight(
      "conv2d_grad_weight 3×3, several chunks and strips", [[2, 24, 25, 40], [2, 24, 25, 7]], [3, 3],
      padding: Padding(all: 1)),
    gradWeight(
      "conv2d_grad_weight 4×4, stride 2, two panels", [[1, 40, 38, 64], [1, 20, 19, 33]], [4, 4],
      stride: Sides(2, 2), padding: Padding(all: 1)),
    gradWeight(
      "conv2d_grad_weight 2×3, cropped, whole panels", [[3, 21, 30, 19], [3, 18, 30, 32]], [2, 3],
      padding: Padding(top: -2, bottom: 0, left: -1, right: 3)),
    gradWeight(
      "conv2d_grad_weight 4×5 of a dilated image", [[2, 20, 15, 5], [2, 39, 43, 18]], [4, 5],
      padding: Padding(top: 2, bottom: 1, left: 1, right: 3), dilation: Sides(2, 3)),
    gradWeight(
      "conv2d_grad_weight 3×4 of a dilated image, strides", [[2, 19, 34, 3], [2, 28, 23, 5]], [3, 4],
      stride: Sides(2, 3), padding: Padding(top: 1, bottom: 2, left: 3, right: 0),
      dilation: Sides(3, 2)),
    gradWeight(
      "conv2d_grad_weight 3×3 to one output, of narrow images", [[9, 70, 2, 3], [9, 70, 2, 1]],
      [3, 3], padding: Padding(all: 1)),
  ]

  private static func gradWeight(
    _ label: String, _ shapes: [Shape], _ kernel: Shape, stride: Sides = Sides(1, 1),
    padding: Padding, dilation: Sides = Sides(1, 1)
  ) -> OpCase {
    OpCase(label, shapes, differentiable: [], tolerance: 2e-5, isSizedForCPUs: true) {
      let geometry = ConvolutionGeometry(stride: stride, padding: padding, dilation: dilation)
      let gradient = Conv2DGradWeight(
        geometry: geometry, kernelHeight: kernel[0], kernelWidth: kernel[1])
      return $0[0].graph.apply(gradient, $0)
    }
  }

  /// Of more tiles than are computed at once: too many for Oclgrind.
  package static let largeConvolution: [OpCase] = [
    OpCase(
      "conv2d of an upsampled image by several strips of tiles", [[1, 84, 85, 16], [3, 3, 16, 16]],
      differentiable: [], tolerance: 2e-5
    ) { $0[0].upsampledConv2d($0[1]) },
    OpCase(
      "conv2d 4×4 of a dilated image by several strips of tiles, activated, with a residual",
      [[1, 84, 85, 16], [4, 4, 16, 16], [16], [1, 168, 170, 16]], differentiable: [],
      tolerance: 2e-5
    ) {
      let geometry = ConvolutionGeometry(
        stride: Sides(1, 1), padding: Padding(all: 2), dilation: Sides(2, 2))
      return ($0[0].graph.apply(Conv2D(geometry), [$0[0], $0[1]]) + $0[2]).swish() + $0[3]
    },
  ]
}
