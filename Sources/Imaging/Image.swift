/// An RGB picture: sRGB-coded samples, nominally in 0…1, row-major and channels-last.
///
/// The layout is the one that the generator's decoder writes and the encoder reads, so samples
/// pass between the two without a copy or a conversion. Values outside 0…1 are allowed and clamped
/// only by `bytes()`.
public struct Image: Hashable, Sendable {
  /// Width in pixels, at least 1.
  public let width: Int
  /// Height in pixels, at least 1.
  public let height: Int
  /// [H,W,3] samples.
  public var pixels: [Float]

  /// Samples a pixel.
  public static let channelCount = 3

  /// Wraps samples that are already laid out as [H,W,3].
  ///
  /// - Parameter pixels: [H,W,3], sRGB-coded, nominally 0…1. Another count is a programming error
  ///   and traps.
  public init(width: Int, height: Int, pixels: [Float]) {
    precondition(width > 0 && height > 0, "Image: size \(width)×\(height) is not positive")
    precondition(
      pixels.count == width * height * Image.channelCount,
      "Image: \(pixels.count) samples for \(width)×\(height)×\(Image.channelCount)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour.
  ///
  /// - Parameter color: red, green and blue, sRGB-coded, 0…1.
  public init(width: Int, height: Int, color: SIMD3<Float>) {
    precondition(width > 0 && height > 0, "Image: size \(width)×\(height) is not positive")
    let count = width * height * Image.channelCount
    self.init(
      width: width, height: height,
      pixels: [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        for index in 0..<count { buffer.initializeElement(at: index, to: color[index % 3]) }
        initialized = count
      })
  }

  /// The colour of one pixel; `x` counts columns from the left, `y` rows from the top.
  public subscript(x: Int, y: Int) -> SIMD3<Float> {
    get {
      let start = offset(x, y)
      return SIMD3(pixels[start], pixels[start + 1], pixels[start + 2])
    }
    set {
      let start = offset(x, y)
      for channel in 0..<Image.channelCount { pixels[start + channel] = newValue[channel] }
    }
  }

  private func offset(_ x: Int, _ y: Int) -> Int {
    precondition(
      (0..<width).contains(x) && (0..<height).contains(y),
      "Image: pixel (\(x), \(y)) is outside \(width)×\(height)")
    return (y * width + x) * Image.channelCount
  }
}
