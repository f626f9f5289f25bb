extension Tensor {
  /// Convolution by 3×3 taps, padded by 1, of this [N,H,W,C] with every pixel repeated twice along
  /// both sides.
  ///
  /// What is repeated is read by several taps alike, so their sums do: a pixel of the result is of
  /// 2×2 pixels by 4 taps in place of 9, and the enlarged image is never made. As one convolution it
  /// is by 4×4 taps of this image, dilated by 2 (Shi and others, "Is the deconvolution layer the same
  /// as a convolutional layer?", 2016).
  ///
  /// - Parameter weight: [3,3,C,K].
  /// - Returns: [N,2H,2W,K].
  /// - Complexity: N·2H·2W·K·4·C multiply-adds.
  package func upsampledConv2d(
    _ weight: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      graph.check(
        weight.shape.count == 4 && weight.shape[0] == 3 && weight.shape[1] == 3,
        "upsampledConv2d", [self, weight], "\(weight.type) is not a weight [3,3,C,K]")
      return graph.apply(Conv2D(Conv2D.upsampled), [self, weight.upsampledTaps()])
    }
  }

  /// Of a weight [3,3,C,K] the sums [4,4,C,K] for ``upsampledConv2d(_:file:line:)``.
  func upsampledTaps() -> Tensor { summedPairs(axis: 0).summedPairs(axis: 1) }

  /// Each sum of neighbours along `axis`, zeros being beyond both ends.
  private func summedPairs(axis: Int) -> Tensor {
    padded(axis: axis, before: 0, after: 1) + padded(axis: axis, before: 1, after: 0)
  }
}

extension Conv2D {
  /// Of 4×4 taps of an image that is to be enlarged twice.
  static let upsampled = ConvolutionGeometry(
    stride: Sides(1, 1), padding: Padding(all: 2), dilation: Sides(2, 2))
}
