import TensorGraph

/// Regions of a picture, one a cutout, in pixels from the upper left corner of the picture. A region
/// may reach beyond the picture.
package struct CropBoxes {
  /// Left edge, upper edge, width and height, each [n,1].
  package let left: Tensor
  package let top: Tensor
  package let width: Tensor
  package let height: Tensor

  package init(left: Tensor, top: Tensor, width: Tensor, height: Tensor) {
    (self.left, self.top, self.width, self.height) = (left, top, width, height)
  }

  /// Squares of `size` pixels [n,1].
  package init(left: Tensor, top: Tensor, size: Tensor) {
    self.init(left: left, top: top, width: size, height: size)
  }
}

/// Windows of both axes of ``CropBoxes``, each [n,side,extent].
private struct CropWindows {
  let rows: Tensor
  let columns: Tensor

  init(_ boxes: CropBoxes, of picture: Tensor, side: Int, _ filter: some ResamplingFilter) {
    rows = filter.windows(
      start: boxes.top.reshaped([-1, 1, 1]), length: boxes.height.reshaped([-1, 1, 1]),
      count: side, extent: picture.shape[1])
    columns = filter.windows(
      start: boxes.left.reshaped([-1, 1, 1]), length: boxes.width.reshaped([-1, 1, 1]),
      count: side, extent: picture.shape[2])
  }

  /// `picture` [1,H,W,3] in the windows: [n,side,side,3].
  func apply(to picture: Tensor) -> Tensor {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let (count, side) = (rows.shape[0], rows.shape[1])
    // The longer axis is contracted first: what lies between the products is then smaller.
    let isWide = width > height
    let (first, second) = isWide ? (columns, rows) : (rows, columns)
    let (long, short) = (first.shape[2], second.shape[2])
    let lines = picture.reshaped([height, width, 3]).permuted(isWide ? [1, 2, 0] : [0, 2, 1])
    let strips = first.reshaped([count * side, long]).matmul(lines.reshaped([long, 3 * short]))
    return strips.reshaped([count, side * 3, short]).matmul(second, transposeB: true)
      .reshaped([count, side, 3, side]).permuted(isWide ? [0, 3, 1, 2] : [0, 1, 3, 2])
  }

  /// Share of each pixel's windows that lies in the picture, [n,side,side,1].
  var coverage: Tensor {
    let (count, side) = (rows.shape[0], rows.shape[1])
    return rows.sum(axes: [2]).reshaped([count, side, 1, 1])
      * columns.sum(axes: [2]).reshaped([count, 1, side, 1])
  }
}

extension Tensor {
  /// The boxes of this picture [1,H,W,3], each resampled to a square of `side` pixels.
  ///
  /// Resampling is separable, so it is two products with matrices whose rows are the filter's
  /// windows, and its gradient is the transposed products: no scatter, and any filter.
  /// - Parameter boxes: inside the picture.
  /// - Returns: [n,side,side,3].
  /// - Complexity: 3·n·side·H·W + 3·n·side²·W multiply-adds, for H ≥ W.
  package func cropped(to boxes: CropBoxes, side: Int, filter: some ResamplingFilter) -> Tensor {
    CropWindows(boxes, of: self, side: side, filter).apply(to: self)
  }

  /// The same of boxes that may reach beyond the picture, bicubic, on a background.
  /// - Parameter background: around the picture, [n,1,1,1].
  package func cropped(to boxes: CropBoxes, side: Int, on background: Tensor) -> Tensor {
    let windows = CropWindows(
      boxes, of: self, side: side, AntialiasedBicubic(coversOutside: true))
    return windows.apply(to: self) + background * (1 - windows.coverage)
  }
}
