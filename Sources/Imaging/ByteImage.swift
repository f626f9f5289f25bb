import CPNG
import Foundation

/// An RGB picture of bytes, [H,W,3], sRGB-coded: a quarter of the memory of an `Image`, for what
/// reads many pictures and needs no more precision than their files have.
package struct ByteImage: Hashable, Sendable {
  /// Width in pixels, at least 1.
  package let width: Int
  /// Height in pixels, at least 1.
  package let height: Int
  /// [H,W,3].
  package let bytes: [UInt8]

  package init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(
      width > 0 && height > 0 && bytes.count == width * height * 3,
      "ByteImage: \(bytes.count) bytes for \(width)×\(height)×3")
    (self.width, self.height, self.bytes) = (width, height, bytes)
  }

  /// Decodes a PNG or JPEG in memory, as `Image(decoding:name:)` does; 16-bit samples are rounded.
  ///
  /// - Parameter name: What errors call the data.
  /// - Throws: `ImageError` if the data are neither, damaged or too large.
  package init(decoding data: Data, name: String) throws(ImageError) {
    if JPEG.isJPEG(data) {
      self = try JPEG.decodeBytes(data, name: name)
    } else if PNG.isPNG(data) {
      self = try data.withUnsafeBytes { bytes in
        Result { () throws(ImageError) in try Self.decodePNG(bytes, name: name) }
      }.get()
    } else {
      throw .notPicture(path: name)
    }
  }

  private static func decodePNG(
    _ bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> ByteImage {
    var reader: OpaquePointer?
    try cpng_open(
      bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &reader
    ).check(path: name, byteCount: bytes.count)
    guard let reader else { throw .outOfMemory(path: name) }
    defer { cpng_close(reader) }

    let (width, height) = (Int(cpng_width(reader)), Int(cpng_height(reader)))
    try PNG.checkSize(width: width, height: height, path: name)
    let channels = cpng_has_alpha(reader) != 0 ? 4 : 3
    var result = cpng_result()
    var pixels = [UInt8](
      unsafeUninitializedCapacity: width * height * channels
    ) { buffer, initialized in
      // A damaged file leaves the rest of its picture unwritten.
      buffer.initialize(repeating: 0)
      result = cpng_read8(reader, buffer.baseAddress)
      initialized = buffer.count
    }
    try result.check(path: name, byteCount: bytes.count)
    if channels == 4 { pixels = overWhite(pixels) }
    let orientation = PNG.orientation(of: bytes)
    guard orientation != .upright else {
      return ByteImage(width: width, height: height, bytes: pixels)
    }
    let turned = Image(width: width, height: height, bytes: pixels).turned(orientation)
    return ByteImage(width: turned.width, height: turned.height, bytes: try turned.bytes())
  }

  /// [H,W,4] → [H,W,3], transparent pixels over white.
  private static func overWhite(_ rgba: [UInt8]) -> [UInt8] {
    let count = rgba.count / 4 * 3
    return [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      rgba.withUnsafeBufferPointer { rgba in
        for pixel in 0..<rgba.count / 4 {
          let alpha = UInt32(rgba[pixel * 4 + 3])
          for channel in 0..<3 {
            let value = UInt32(rgba[pixel * 4 + channel])
            target.initializeElement(
              at: pixel * 3 + channel,
              to: UInt8((value * alpha + 255 * (255 - alpha) + 127) / 255))
          }
        }
      }
      initialized = count
    }
  }

  /// The part of the picture whose top left corner is at (x, y); it has to lie within.
  package func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> ByteImage {
    guard (newWidth, newHeight) != (width, height) else { return self }
    var part: [UInt8] = []
    part.reserveCapacity(newWidth * newHeight * 3)
    for row in y..<y + newHeight {
      let start = (row * width + x) * 3
      part += bytes[start..<start + newWidth * 3]
    }
    return ByteImage(width: newWidth, height: newHeight, bytes: part)
  }

  /// The picture with left and right exchanged.
  package func mirrored() -> ByteImage {
    let mirrored = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, initialized in
      bytes.withUnsafeBufferPointer { source in
        for row in 0..<height {
          for x in 0..<width {
            let (from, to) = ((row * width + x) * 3, (row * width + width - 1 - x) * 3)
            for channel in 0..<3 {
              target.initializeElement(at: to + channel, to: source[from + channel])
            }
          }
        }
      }
      initialized = bytes.count
    }
    return ByteImage(width: width, height: height, bytes: mirrored)
  }
}
