import Imaging

/// Found pictures, side by side.
public enum ContactSheet {
  /// The pictures of files in reading order, four a row, each shrunk to fit its cell.
  /// - Throws: ``ImageError`` for the first that cannot be read.
  public static func of(_ paths: [String], cell: Int = 256) throws(ImageError) -> Image {
    var images: [Image] = []
    for path in paths { images.append(try Image(contentsOf: path).fitted(into: cell)) }
    return .contactSheet(images, columns: 4, gap: 8)
  }
}

extension Image {
  /// The picture, shrunk so that no side is longer than `side`, in its proportions.
  fileprivate func fitted(into side: Int) -> Image {
    let longest = max(width, height)
    guard longest > side else { return self }
    return resized(
      width: max(1, (width * side + longest / 2) / longest),
      height: max(1, (height * side + longest / 2) / longest))
  }
}
