/// Zeros around an image, in pixels. A negative number crops.
public struct Padding: Hashable, Sendable {
  public var top: Int
  public var bottom: Int
  public var left: Int
  public var right: Int

  public init(top: Int, bottom: Int, left: Int, right: Int) {
    self.top = top
    self.bottom = bottom
    self.left = left
    self.right = right
  }

  /// The same on every side.
  public init(all sides: Int) { self.init(top: sides, bottom: sides, left: sides, right: sides) }
}

/// A number for each side of an image.
package struct Sides: Hashable, Sendable {
  package let height: Int
  package let width: Int

  package init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  package var area: Int { height * width }
}

/// How the windows of a convolution lie on the image.
package struct ConvolutionGeometry: Hashable, Sendable {
  /// Pixels from one window to the next.
  package let stride: Sides
  package let padding: Padding
  /// Distance of the image's pixels once zeros are put between them; 1: no zeros.
  package let dilation: Sides

  package init(stride: Sides, padding: Padding, dilation: Sides) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// Height and width of the output for an image [N,H,W,C] and a kernel of height and width
  /// `kernel`[0] and [1].
  package func outputSize(image: Shape, kernel: Shape) throws(ShapeError) -> [Int] {
    let positive = min(stride.height, stride.width, dilation.height, dilation.width) > 0
    try require(positive, "stride and dilation must be positive")
    let height = dilatedHeight(image) + padding.top + padding.bottom - kernel[0]
    let width = dilatedWidth(image) + padding.left + padding.right - kernel[1]
    try require(
      height >= 0 && width >= 0,
      "a \(kernel[0])×\(kernel[1]) kernel does not fit into "
        + "\(height + kernel[0])×\(width + kernel[1]) pixels, padding included")
    return [height / stride.height + 1, width / stride.width + 1]
  }

  private func dilatedHeight(_ image: Shape) -> Int { (image[1] - 1) * dilation.height + 1 }
  private func dilatedWidth(_ image: Shape) -> Int { (image[2] - 1) * dilation.width + 1 }

  /// The geometry that takes the gradient of the output to that of the image, with the kernel
  /// flipped and its channels exchanged: strides become dilations and the reverse, and the padding
  /// is what makes the size exactly the image's.
  package func adjoint(image: Shape, kernel: Shape, output: Shape) -> ConvolutionGeometry {
    let lastTop = (output[1] - 1) * stride.height - padding.top
    let lastLeft = (output[2] - 1) * stride.width - padding.left
    return ConvolutionGeometry(
      stride: dilation,
      padding: Padding(
        top: kernel[0] - 1 - padding.top, bottom: dilatedHeight(image) - 1 - lastTop,
        left: kernel[1] - 1 - padding.left, right: dilatedWidth(image) - 1 - lastLeft),
      dilation: stride)
  }

  /// The image's row under row `r` of the window of output row `p`, nil where there are zeros.
  package func sourceRow(_ p: Int, _ r: Int, of height: Int) -> Int? {
    source(p * stride.height + r - padding.top, dilation.height, height)
  }

  /// The image's column under column `s` of the window of output column `q`.
  package func sourceColumn(_ q: Int, _ s: Int, of width: Int) -> Int? {
    source(q * stride.width + s - padding.left, dilation.width, width)
  }

  private func source(_ position: Int, _ dilation: Int, _ extent: Int) -> Int? {
    let isPixel = position >= 0 && position % dilation == 0 && position / dilation < extent
    return isPixel ? position / dilation : nil
  }

  /// What makes other work of a convolution than its shapes do.
  package var tuningName: String {
    "stride \(stride.height)x\(stride.width) dilation \(dilation.height)x\(dilation.width)"
  }

  package var defines: [String: Int] {
    ["DILATION_H": dilation.height, "DILATION_W": dilation.width]
  }

  /// The parameters that convolution kernels take for their shapes, in their common order.
  package func arguments(_ x: Shape, _ w: Shape, _ y: Shape) -> [KernelArgument] {
    let shapes = [x[1], x[2], x[3], w[0], w[1], y[1], y[2], y[3]]
    return (shapes + [stride.height, stride.width, padding.top, padding.left]).map { .int($0) }
  }
}
