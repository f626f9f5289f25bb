import TensorGraph

extension OpCase {
  package static let depthwiseConvolution: [OpCase] = [
    OpCase("depthwise 3×3", [[2, 5, 4, 3], [3, 3, 3]]) { $0[0].depthwiseConv2d($0[1], padding: 1) },
    OpCase("depthwise 2×3, four paddings", [[1, 4, 3, 2], [2, 3, 2]]) {
      $0[0].depthwiseConv2d($0[1], padding: Padding(top: 0, bottom: 2, left: 3, right: 1))
    },
    OpCase("depthwise 5×5, stride 2, padded as in TensorFlow", [[1, 6, 8, 2], [5, 5, 2]]) {
      $0[0].depthwiseConv2d(
        $0[1], stride: 2, padding: Padding(top: 1, bottom: 2, left: 1, right: 2))
    },
    OpCase("depthwise 3×2, stride 3 with a remainder", [[2, 9, 8, 1], [3, 2, 1]]) {
      $0[0].depthwiseConv2d($0[1], stride: 3, padding: 1)
    },
    OpCase("depthwise 2×2, padded by more than the kernel", [[1, 2, 3, 2], [2, 2, 2]]) {
      $0[0].depthwiseConv2d($0[1], padding: 3)
    },
    OpCase("depthwise that crops", [[1, 5, 6, 2], [2, 2, 2]]) {
      $0[0].depthwiseConv2d($0[1], padding: Padding(top: -1, bottom: 1, left: 0, right: -2))
    },
    OpCase("depthwise of a dilated image", [[1, 3, 4, 2], [3, 3, 2]]) {
      let geometry = ConvolutionGeometry(
        stride: Sides(1, 3), padding: Padding(top: 1, bottom: 2, left: 2, right: 0),
        dilation: Sides(2, 2))
      return $0[0].graph.apply(DepthwiseConv2D(geometry), $0)
    },
    OpCase("depthwise 1×1 of one pixel", [[1, 1, 1, 5], [1, 1, 5]]) {
      $0[0].depthwiseConv2d($0[1])
    },
    OpCase("depthwise 5×5 of whole vectors, narrower than the kernel", [[1, 3, 2, 16], [5, 5, 16]]) {
      $0[0].depthwiseConv2d($0[1], padding: 2)
    },
    OpCase(
      "depthwise 3×3 of whole vectors, activated", [[2, 4, 9, 32], [3, 3, 32], [32]],
      differentiable: [0]
    ) {
      ($0[0].depthwiseConv2d($0[1], padding: 1) + $0[2]).swish()
    },
    OpCase(
      "depthwise 5×5 of whole vectors, stride 2", [[2, 10, 19, 16], [5, 5, 16]],
      differentiable: [1]
    ) {
      $0[0].depthwiseConv2d(
        $0[1], stride: 2, padding: Padding(top: 1, bottom: 2, left: 1, right: 2))
    },
    OpCase(
      "depthwise 3×3, several chunks of rows", [[3, 17, 90, 16], [3, 3, 16]], differentiable: [],
      isSizedForCPUs: true
    ) {
      let y = $0[0].depthwiseConv2d($0[1], padding: 1)
      let gradient = DepthwiseConv2DGradWeight(
        geometry: ConvolutionGeometry(
          stride: Sides(1, 1), padding: Padding(all: 1), dilation: Sides(1, 1)),
        kernelHeight: 3, kernelWidth: 3)
      return $0[0].graph.apply(gradient, [$0[0], y])
    },
  ]
}
