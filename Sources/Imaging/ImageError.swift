/// What can go wrong between a picture and its file; `description` is one line that says what
/// failed, where, and what to do.
public enum ImageError: Error, Hashable, Sendable {
  /// The file cannot be opened or read.
  case unreadable(path: String, reason: String)
  /// The file cannot be written; nothing was left behind.
  case unwritable(path: String, reason: String)
  /// The file's first bytes are not a PNG's.
  case notPNG(path: String)
  /// The file's first bytes are neither a PNG's nor a JPEG's.
  case notPicture(path: String)
  /// The file ends before its picture does.
  case truncated(path: String, byteCount: Int)
  /// A checksum, the compressed stream or a part of the file is wrong, in the decoder's words.
  case corrupt(path: String, reason: String)
  /// The file may be sound, but is of a kind that is not decoded, in the decoder's words.
  case unsupported(path: String, reason: String)
  /// The picture exceeds `PNG.maximumSide` or `PNG.maximumPixelCount`; it was not decoded.
  case tooLarge(path: String, width: Int, height: Int)
  /// A sample is NaN or infinite, so no byte stands for it.
  case notFinite(x: Int, y: Int, channel: Int)
  /// A keyword or text that the PNG format cannot hold.
  case invalidText(keyword: String, reason: String)
  /// The decoder or encoder could not get the memory it needs.
  case outOfMemory(path: String)
}

extension ImageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot read \(path): \(reason)"
    case .unwritable(let path, let reason):
      "cannot write \(path): \(reason)"
    case .notPNG(let path):
      "\(path) is not a PNG file; convert the picture to PNG first"
    case .notPicture(let path):
      "\(path) is neither a PNG nor a JPEG file; convert the picture first"
    case .truncated(let path, let byteCount):
      "\(path) is truncated: its \(byteCount) bytes end before the picture does; copy it again"
    case .corrupt(let path, let reason):
      "\(path) is damaged (\(reason)); copy or export it again"
    case .unsupported(let path, let reason):
      "\(path) is of an unusual kind (\(reason)); export it as an ordinary PNG or JPEG"
    case .tooLarge(let path, let width, let height):
      "\(path) is \(width)×\(height) pixels; the limits are \(PNG.maximumSide) a side and "
        + "\(PNG.maximumPixelCount) in all; scale it down first"
    case .notFinite(let x, let y, let channel):
      "the image is not finite at x \(x), y \(y), channel \(channel); the computation that made "
        + "it diverged, try a lower learning rate or fp32"
    case .invalidText(let keyword, let reason):
      "PNG text “\(keyword)”: \(reason)"
    case .outOfMemory(let path):
      "not enough memory for the picture in \(path); scale it down or free some memory"
    }
  }
}
