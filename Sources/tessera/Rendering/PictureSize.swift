import ArgumentParser

/// Width and height in pixels, as the command line gives them: `128` or `256x192`.
package struct PictureSize: Equatable, CustomStringConvertible {
  package let width: Int
  package let height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// - Throws: `ValidationError` unless `text` is one or two whole numbers.
  package init(parsing text: String) throws {
    let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    let sides = parts.compactMap { Int($0) }
    guard sides.count == parts.count, (1...2).contains(sides.count) else {
      throw ValidationError("give one number for a square, or width and height as 256x192")
    }
    self.init(width: sides[0], height: sides[sides.count - 1])
  }

  package var description: String { width == height ? "\(width)" : "\(width)x\(height)" }
}
