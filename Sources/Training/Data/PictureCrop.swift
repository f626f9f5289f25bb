import Imaging

/// How a picture becomes S×S. Resizing is bicubic, and keeps the proportions of the picture.
package enum PictureCrop: Hashable, Sendable {
  /// The shorter side becomes S, and the middle of the longer one is kept.
  case center
  /// A square of `scale` (a fraction of the area of the largest square, drawn anew a visit) at a
  /// random place; `flips` mirrors every second picture, left to right, on average.
  case random(scale: ClosedRange<Double>, flips: Bool)
  /// The longer side becomes S, the rest is `background` (red, green, blue).
  case whole(background: SIMD3<UInt8>)

  /// The crop of open_clip: 0.9…1 of the area, no flips.
  package static let openCLIP = PictureCrop.random(scale: 0.9...1, flips: false)
}

extension PictureCrop {
  /// The part of the work that is the same at every visit, and may be kept in memory: the whole
  /// crop, or for a random one the picture with its shorter side shrunk to 2 · S. From there a crop
  /// is still reduced, so that the second resizing costs no sharpness.
  func prepared(_ image: ByteImage, size: Int) -> ByteImage {
    switch self {
    case .center:
      let scale = Double(size) / Double(min(image.width, image.height))
      let width = max(size, Int(Double(image.width) * scale))
      let height = max(size, Int(Double(image.height) * scale))
      let (left, top) = ((width - size) / 2, (height - size) / 2)
      return image.resized(
        width: width, height: height, columns: left..<left + size, rows: top..<top + size)
    case .whole(let background):
      let scale = Double(size) / Double(max(image.width, image.height))
      let width = min(size, max(1, Int((Double(image.width) * scale).rounded())))
      let height = min(size, max(1, Int((Double(image.height) * scale).rounded())))
      let inner = image.resized(width: width, height: height).bytes
      let color = [background.x, background.y, background.z]
      var bytes = (0..<size * size).flatMap { _ in color }
      for row in 0..<height {
        let target = ((row + (size - height) / 2) * size + (size - width) / 2) * 3
        bytes.replaceSubrange(
          target..<target + width * 3, with: inner[row * width * 3..<(row + 1) * width * 3])
      }
      return ByteImage(width: size, height: size, bytes: bytes)
    case .random:
      let shorter = min(image.width, image.height)
      guard shorter > 2 * size else { return image }
      let scale = Double(2 * size) / Double(shorter)
      return image.resized(
        width: max(2 * size, Int(Double(image.width) * scale)),
        height: max(2 * size, Int(Double(image.height) * scale)))
    }
  }

  /// The rest of the work, that a visit's random numbers decide: [S,S,3].
  func finished(_ picture: ByteImage, size: Int, seed: UInt64, visit: UInt64) -> [UInt8] {
    guard case .random(let scale, let flips) = self else { return picture.bytes }
    var random = VisitRandom(seed: seed, visit: visit, purpose: .crop)
    let area = scale.lowerBound + (scale.upperBound - scale.lowerBound) * random.unit()
    let shorter = min(picture.width, picture.height)
    let side = min(shorter, max(1, Int((area.squareRoot() * Double(shorter)).rounded())))
    let left = random.index(below: picture.width - side + 1)
    let top = random.index(below: picture.height - side + 1)
    let isMirrored = random.unit() < 0.5
    let resized = picture.cropped(x: left, y: top, width: side, height: side)
      .resized(width: size, height: size)
    return flips && isMirrored ? resized.mirrored().bytes : resized.bytes
  }
}
