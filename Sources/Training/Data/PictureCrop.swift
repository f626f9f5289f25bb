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

/// A picture of bytes, [H,W,3], sRGB.
struct BytePicture: Hashable, Sendable {
  let width, height: Int
  let bytes: [UInt8]

  init(width: Int, height: Int, bytes: [UInt8]) {
    (self.width, self.height, self.bytes) = (width, height, bytes)
  }

  init(_ image: Image) throws {
    self.init(width: image.width, height: image.height, bytes: try image.bytes())
  }

  var image: Image { Image(width: width, height: height, bytes: bytes) }

  func mirrored() -> BytePicture {
    var mirrored = bytes
    for row in 0..<height {
      for x in 0..<width {
        let (source, target) = ((row * width + x) * 3, (row * width + width - 1 - x) * 3)
        for channel in 0..<3 { mirrored[target + channel] = bytes[source + channel] }
      }
    }
    return BytePicture(width: width, height: height, bytes: mirrored)
  }
}

extension PictureCrop {
  /// The part of the work that is the same at every visit, and may be kept in memory: the whole
  /// crop, or for a random one the picture with its shorter side shrunk to 2 · S. From there a crop
  /// is still reduced, so that the second resizing costs no sharpness.
  func prepared(_ image: Image, size: Int) throws -> BytePicture {
    switch self {
    case .center:
      let scale = Double(size) / Double(min(image.width, image.height))
      let width = max(size, Int(Double(image.width) * scale))
      let height = max(size, Int(Double(image.height) * scale))
      let (left, top) = ((width - size) / 2, (height - size) / 2)
      return try BytePicture(
        image.resized(
          width: width, height: height, by: .bicubic, columns: left..<left + size,
          rows: top..<top + size))
    case .whole(let background):
      let scale = Double(size) / Double(max(image.width, image.height))
      let width = min(size, max(1, Int((Double(image.width) * scale).rounded())))
      let height = min(size, max(1, Int((Double(image.height) * scale).rounded())))
      let inner = try image.resized(width: width, height: height, by: .bicubic).bytes()
      let color = [background.x, background.y, background.z]
      var bytes = (0..<size * size).flatMap { _ in color }
      for row in 0..<height {
        let target = ((row + (size - height) / 2) * size + (size - width) / 2) * 3
        bytes.replaceSubrange(
          target..<target + width * 3, with: inner[row * width * 3..<(row + 1) * width * 3])
      }
      return BytePicture(width: size, height: size, bytes: bytes)
    case .random:
      let shorter = min(image.width, image.height)
      guard shorter > 2 * size else { return try BytePicture(image) }
      let scale = Double(2 * size) / Double(shorter)
      return try BytePicture(
        image.resized(
          width: max(2 * size, Int(Double(image.width) * scale)),
          height: max(2 * size, Int(Double(image.height) * scale)), by: .bicubic))
    }
  }

  /// The rest of the work, that a visit's random numbers decide: [S,S,3].
  func finished(_ picture: BytePicture, size: Int, seed: UInt64, visit: UInt64) throws -> [UInt8] {
    guard case .random(let scale, let flips) = self else { return picture.bytes }
    var random = VisitRandom(seed: seed, visit: visit, purpose: .crop)
    let area = scale.lowerBound + (scale.upperBound - scale.lowerBound) * random.unit()
    let shorter = min(picture.width, picture.height)
    let side = min(shorter, max(1, Int((area.squareRoot() * Double(shorter)).rounded())))
    let left = random.index(below: picture.width - side + 1)
    let top = random.index(below: picture.height - side + 1)
    let isMirrored = random.unit() < 0.5
    var square = [UInt8]()
    square.reserveCapacity(side * side * 3)
    for row in top..<top + side {
      let start = (row * picture.width + left) * 3
      square += picture.bytes[start..<start + side * 3]
    }
    let cropped = BytePicture(width: side, height: side, bytes: square)
    let resized = try BytePicture(cropped.image.resized(width: size, height: size, by: .bicubic))
    return flips && isMirrored ? resized.mirrored().bytes : resized.bytes
  }
}
