import Imaging

extension Image {
  /// The picture as a perceptor takes it: the short side resized to `side`, then the middle of the
  /// long one.
  ///
  /// As the original prepares its pictures (`_transform` in OpenAI's `clip.py`): bicubic with a
  /// window that widens when shrinking, rounded to bytes in between; in two things better: cameras'
  /// orientation is honoured, and transparent parts lie on white.
  ///
  /// - Returns: [side,side,3] in 0…1, mean and deviation still in it.
  package func perceptorInput(side: Int) -> Image {
    let short = min(width, height)
    // Whole numbers, rounded down, as in torchvision.
    let (newWidth, newHeight) = (side * width / short, side * height / short)
    return resized(
      width: newWidth, height: newHeight, by: .bicubic,
      columns: Self.middle(side, of: newWidth), rows: Self.middle(side, of: newHeight),
      roundsToBytes: true)
  }

  /// An odd rest is halved to the even number, which is Python's way of rounding.
  private static func middle(_ side: Int, of length: Int) -> Range<Int> {
    let start = Int((Double(length - side) / 2).rounded(.toNearestOrEven))
    return start..<start + side
  }
}
