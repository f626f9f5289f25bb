import Imaging

/// Found pictures, side by side.
public enum ContactSheet {
  /// Pixels between cells.
  private static let gap = 8
  /// Largest sheet in pixels.
  private static let maxPixelCount = 1 << 26

  /// The pictures of files in reading order, four a row, each shrunk to fit its cell. Of many there are
  /// more in a row, as many as in a column; of very many the cells are smaller.
  /// - Throws: ``ImageError`` for the first that cannot be read.
  public static func of(_ paths: [String], cell: Int = 256) throws(ImageError) -> Image {
    let isTall = (paths.count + 3) / 4 > 25
    let columns = isTall ? Int(Double(paths.count).squareRoot().rounded(.up)) : 4
    let room = Int((Double(maxPixelCount) / Double(columns * columns)).squareRoot()) - gap
    let side = max(1, min(cell, room))
    var images: [Image] = []
    for path in paths { images.append(try Image(contentsOf: path).fitted(into: side)) }
    return .contactSheet(images, columns: columns, gap: gap)
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
