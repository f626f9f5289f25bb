extension Image {
  /// The top left part of the picture.
  ///
  /// - Parameters:
  ///   - width: At most the picture's.
  ///   - height: At most the picture's.
  public func cropped(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(
      newWidth <= width && newHeight <= height,
      "Image: \(newWidth)×\(newHeight) is no part of \(width)×\(height)")
    return mapped(width: newWidth, height: newHeight) { ($0, $1) }
  }

  /// The picture made larger to the right and below by repeating its last column and row.
  ///
  /// - Parameters:
  ///   - width: At least the picture's.
  ///   - height: At least the picture's.
  public func extended(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(
      newWidth >= width && newHeight >= height,
      "Image: \(newWidth)×\(newHeight) does not hold \(width)×\(height)")
    return mapped(width: newWidth, height: newHeight) { (min($0, width - 1), min($1, height - 1)) }
  }

  /// A picture whose pixel (x, y) is that at `source(x, y)`.
  func mapped(
    width newWidth: Int, height newHeight: Int, from source: (Int, Int) -> (Int, Int)
  ) -> Image {
    var samples: [Float] = []
    samples.reserveCapacity(newWidth * newHeight * Image.channelCount)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let (column, row) = source(x, y)
        let start = (row * width + column) * Image.channelCount
        samples += pixels[start..<start + Image.channelCount]
      }
    }
    return Image(width: newWidth, height: newHeight, pixels: samples)
  }
}
