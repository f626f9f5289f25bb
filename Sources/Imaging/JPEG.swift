import CJPEG
import Foundation

/// JPEG files: reading. What is written is always PNG, which loses nothing.
public enum JPEG {
  /// Reads a JPEG file: 8-bit grey, RGB or CMYK, baseline or progressive, turned upright as its
  /// EXIF orientation says. The limits of size are those of `PNG`.
  ///
  /// Samples are taken as sRGB whatever a colour profile says; CMYK is converted without one.
  ///
  /// - Throws: `ImageError` if the file cannot be read, is not a sound JPEG, or is too large.
  public static func read(_ path: String) throws(ImageError) -> Image {
    try decode(ImageFile.bytes(path), name: path)
  }

  /// Decodes a JPEG in memory, as `read` does.
  ///
  /// - Parameter name: What errors call the data.
  public static func decode(_ data: Data, name: String = "JPEG data") throws(ImageError) -> Image {
    let (picture, orientation) = try samples(of: data, name: name)
    return Image(width: picture.width, height: picture.height, bytes: picture.bytes)
      .turned(orientation)
  }

  /// Decodes a JPEG in memory to bytes, turned upright.
  static func decodeBytes(_ data: Data, name: String) throws(ImageError) -> ByteImage {
    let (picture, orientation) = try samples(of: data, name: name)
    guard orientation != .upright else { return picture }
    let turned = Image(width: picture.width, height: picture.height, bytes: picture.bytes)
      .turned(orientation)
    return ByteImage(width: turned.width, height: turned.height, bytes: try turned.bytes())
  }

  private static func samples(
    of data: Data, name: String
  ) throws(ImageError) -> (ByteImage, Orientation) {
    // A closure cannot throw ImageError through withUnsafeBytes, a Result can pass.
    try data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try samples(of: bytes, name: name) }
    }.get()
  }

  static func isJPEG(_ data: Data) -> Bool { data.starts(with: [0xFF, 0xD8, 0xFF]) }

  private static func samples(
    of bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> (ByteImage, Orientation) {
    var reader: OpaquePointer?
    try cjpeg_open(
      bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &reader
    ).check(path: name, byteCount: bytes.count)
    guard let reader else { throw .outOfMemory(path: name) }
    defer { cjpeg_close(reader) }

    let (width, height) = (Int(cjpeg_width(reader)), Int(cjpeg_height(reader)))
    try PNG.checkSize(width: width, height: height, path: name)
    var exifCount = 0
    let exif = cjpeg_exif(reader, &exifCount)
    let orientation = Orientation(exif: UnsafeBufferPointer(start: exif, count: exifCount))
    var result = cjpeg_result()
    let samples = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, initialized in
      // A damaged file leaves the rest of its picture unwritten.
      buffer.initialize(repeating: 0)
      result = cjpeg_read(reader, buffer.baseAddress)
      initialized = buffer.count
    }
    try result.check(path: name, byteCount: bytes.count)
    return (ByteImage(width: width, height: height, bytes: samples), orientation)
  }
}

extension cjpeg_result {
  /// Throws what the status stands for.
  fileprivate func check(path: String, byteCount: Int) throws(ImageError) {
    let reason = withUnsafeBytes(of: message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    switch status {
    case CJPEG_OK: return
    case CJPEG_TRUNCATED: throw .truncated(path: path, byteCount: byteCount)
    case CJPEG_UNSUPPORTED: throw .unsupported(path: path, reason: reason)
    case CJPEG_OUT_OF_MEMORY: throw .outOfMemory(path: path)
    default: throw .corrupt(path: path, reason: reason)
    }
  }
}
