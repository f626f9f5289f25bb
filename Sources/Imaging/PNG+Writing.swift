import CPNG
import Foundation
import Support

extension PNG {
  /// Writes a picture as an 8-bit RGB PNG. The file appears whole or not at all: a failure leaves
  /// an older file of that name as it was.
  ///
  /// - Parameters:
  ///   - texts: What the file says about itself, such as prompt, seed and settings, in this order.
  /// - Throws: `ImageError` if a sample is not finite, a text cannot be held, the picture is too
  ///   large, or the file cannot be written.
  public static func write(
    _ image: Image, to path: String, texts: [Text] = []
  ) throws(ImageError) {
    let data = try encode(image, texts: texts, name: path)
    do { try AtomicFile.write(data, to: path) } catch {
      throw .unwritable(path: error.path, reason: error.reason)
    }
  }

  /// Encodes a picture as `write` does. The bytes depend on nothing but the arguments and the
  /// versions of libpng and zlib; there is no time stamp.
  ///
  /// - Parameter name: What errors call the picture.
  public static func encode(
    _ image: Image, texts: [Text] = [], name: String = "PNG data"
  ) throws(ImageError) -> Data {
    try checkSize(width: image.width, height: image.height, path: name)
    for text in texts { try check(text) }
    let bytes = try image.bytes()
    var strings: [UnsafeMutablePointer<CChar>] = []
    defer { for string in strings { free(string) } }
    var entries: [cpng_text] = []
    for text in texts {
      guard let keyword = strdup(text.keyword) else { throw .outOfMemory(path: name) }
      strings.append(keyword)
      guard let value = strdup(text.text) else { throw .outOfMemory(path: name) }
      strings.append(value)
      entries.append(cpng_text(keyword: keyword, text: value))
    }

    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    let result = cpng_write_rgb8(
      bytes, UInt32(image.width), UInt32(image.height), entries, Int32(entries.count), &encoded,
      &count)
    try result.check(path: name, byteCount: 0)
    guard let encoded else { throw .outOfMemory(path: name) }
    return Data(
      bytesNoCopy: encoded, count: count,
      deallocator: .custom { pointer, _ in
        cpng_free(pointer.assumingMemoryBound(to: UInt8.self))
      })
  }

  private static func check(_ text: Text) throws(ImageError) {
    let keyword = text.keyword
    guard
      (1...79).contains(keyword.utf8.count),
      keyword.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
      !keyword.hasPrefix(" "), !keyword.hasSuffix(" "), !keyword.contains("  ")
    else {
      throw .invalidText(
        keyword: keyword, reason: "a keyword is 1 to 79 printable ASCII characters, single-spaced")
    }
    guard !text.text.utf8.contains(0) else {
      throw .invalidText(keyword: keyword, reason: "the text contains a zero character; remove it")
    }
  }
}
