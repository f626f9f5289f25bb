import CPNG
import Foundation

extension PNG {
  /// A decoded file: the picture, and the texts beside it in file order.
  public struct Contents: Hashable, Sendable {
    public var image: Image
    public var texts: [Text]

    /// The text of the first chunk with this keyword.
    public func text(_ keyword: String) -> String? {
      texts.first { $0.keyword == keyword }?.text
    }
  }

  /// Reads a PNG file of any colour type, bit depth and interlacing.
  ///
  /// Grey becomes equal red, green and blue; 16-bit samples keep their precision. Transparent
  /// pixels are laid over white, in the sRGB-coded values, as a viewer on a white page shows them.
  /// The picture is turned as the orientation of an eXIf chunk says. Samples are taken as sRGB whatever a gamma chunk or colour profile says.
  ///
  /// - Throws: `ImageError` if the file cannot be read, is not a sound PNG, or is too large.
  public static func read(_ path: String) throws(ImageError) -> Contents {
    try decode(ImageFile.bytes(path), name: path)
  }

  /// Decodes a PNG in memory, as `read` does.
  ///
  /// - Parameter name: What errors call the data.
  public static func decode(
    _ data: Data, name: String = "PNG data"
  ) throws(ImageError) -> Contents {
    // A closure cannot throw ImageError through withUnsafeBytes, a Result can pass.
    try data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try decode(bytes, name: name) }
    }.get()
  }

  static func isPNG(_ data: Data) -> Bool { data.starts(with: [0x89, 0x50, 0x4E, 0x47]) }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> Contents {
    var reader: OpaquePointer?
    try cpng_open(
      bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &reader
    ).check(path: name, byteCount: bytes.count)
    guard let reader else { throw .outOfMemory(path: name) }
    defer { cpng_close(reader) }

    let (width, height) = (Int(cpng_width(reader)), Int(cpng_height(reader)))
    try checkSize(width: width, height: height, path: name)
    let samples = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: width * height * 4)
    defer { samples.deallocate() }
    try cpng_read(reader, samples.baseAddress).check(path: name, byteCount: bytes.count)
    return Contents(
      image: Image(width: width, height: height, pixels: overWhite(UnsafeBufferPointer(samples)))
        .turned(orientation(of: bytes)),
      texts: texts(of: reader))
  }

  /// [H,W,4] of 16 bits → [H,W,3] in 0…1, transparent pixels over white.
  private static func overWhite(_ rgba: UnsafeBufferPointer<UInt16>) -> [Float] {
    let count = rgba.count / 4 * 3
    return [Float](unsafeUninitializedCapacity: count) { target, initialized in
      for pixel in 0..<rgba.count / 4 {
        let alpha = Float(rgba[pixel * 4 + 3]) / 65_535
        for channel in 0..<3 {
          let value = Float(rgba[pixel * 4 + channel]) / 65_535
          target.initializeElement(
            at: pixel * 3 + channel, to: alpha == 1 ? value : value * alpha + (1 - alpha))
        }
      }
      initialized = count
    }
  }

  private static func texts(of reader: OpaquePointer) -> [Text] {
    (0..<cpng_text_count(reader)).map { index in
      var isUTF8: Int32 = 0
      let entry = cpng_text_at(reader, index, &isUTF8)
      return Text(
        string(entry.keyword, isUTF8: false), string(entry.text, isUTF8: isUTF8 != 0))
    }
  }

  /// Latin-1 maps bytes to the scalars of the same number.
  private static func string(_ pointer: UnsafePointer<CChar>, isUTF8: Bool) -> String {
    if isUTF8 { return String(cString: pointer) }
    let bytes = UnsafeBufferPointer(start: pointer, count: strlen(pointer))
    var scalars = String.UnicodeScalarView()
    for byte in bytes { scalars.append(Unicode.Scalar(UInt8(bitPattern: byte))) }
    return String(scalars)
  }
}
