extension Image {
  /// Pictures in a grid, in reading order, to be seen side by side.
  ///
  /// Cells have the size of the largest picture, smaller ones are centred in theirs. There is a gap
  /// between cells, none around the sheet, and a last row that is not full stays at the left.
  ///
  /// - Parameters:
  ///   - images: At least one.
  ///   - columns: Cells a row, at least 1; no more columns are made than there are pictures.
  ///   - gap: Pixels between neighbouring cells.
  ///   - background: Colour of the gaps and empty cells, sRGB-coded, 0…1.
  public static func contactSheet(
    _ images: [Image], columns: Int, gap: Int, background: SIMD3<Float> = SIMD3(repeating: 1)
  ) -> Image {
    precondition(!images.isEmpty, "contactSheet: no pictures")
    precondition(columns > 0 && gap >= 0, "contactSheet: \(columns) columns, gap \(gap)")
    let columns = min(columns, images.count)
    let rows = (images.count + columns - 1) / columns
    let cellWidth = images.map(\.width).max()!
    let cellHeight = images.map(\.height).max()!
    var sheet = Image(
      width: columns * (cellWidth + gap) - gap, height: rows * (cellHeight + gap) - gap,
      color: background)
    for (index, image) in images.enumerated() {
      sheet.paste(
        image,
        x: index % columns * (cellWidth + gap) + (cellWidth - image.width) / 2,
        y: index / columns * (cellHeight + gap) + (cellHeight - image.height) / 2)
    }
    return sheet
  }

  /// Copies `image` with its top left corner at (x, y); it has to fit.
  private mutating func paste(_ image: Image, x: Int, y: Int) {
    let length = image.width * Image.channelCount
    for row in 0..<image.height {
      let target = ((y + row) * width + x) * Image.channelCount
      let source = row * length
      pixels.replaceSubrange(target..<target + length, with: image.pixels[source..<source + length])
    }
  }
}
