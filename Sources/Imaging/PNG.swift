import CPNG

/// PNG files: reading (`PNG+Reading.swift`) and writing (`PNG+Writing.swift`).
public enum PNG {
  /// Most pixels a side that is read or written.
  public static let maximumSide = 32_768

  /// Most pixels that are read or written: 2²⁷, which take 1.5 GiB as an `Image`. A file of a few
  /// kilobytes can claim any size, so the limit is checked before memory is asked for.
  public static let maximumPixelCount = 1 << 27

  /// A keyword and its text, as PNG files carry them beside the picture.
  public struct Text: Hashable, Sendable {
    /// What the text is about, such as `prompt`: 1 to 79 characters of printable ASCII, no leading,
    /// trailing or repeated spaces.
    public var keyword: String
    /// Any text without zero characters.
    public var text: String

    public init(_ keyword: String, _ text: String) {
      self.keyword = keyword
      self.text = text
    }
  }

  static func checkSize(width: Int, height: Int, path: String) throws(ImageError) {
    guard
      width <= maximumSide, height <= maximumSide, width * height <= maximumPixelCount
    else { throw .tooLarge(path: path, width: width, height: height) }
  }
}

extension cpng_result {
  /// libpng's message; empty for success.
  var text: String {
    withUnsafeBytes(of: message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Throws what the status stands for.
  func check(path: String, byteCount: Int) throws(ImageError) {
    switch status {
    case CPNG_OK: return
    case CPNG_NOT_PNG: throw .notPNG(path: path)
    case CPNG_TRUNCATED: throw .truncated(path: path, byteCount: byteCount)
    case CPNG_OUT_OF_MEMORY: throw .outOfMemory(path: path)
    default: throw .corrupt(path: path, reason: text)
    }
  }
}
