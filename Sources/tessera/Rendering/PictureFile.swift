import Foundation
import Guidance
import Imaging
import Support

/// The file that a command writes a picture to.
enum PictureFile {
  /// Names of other formats.
  private static let otherFormats: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif", "jxl",
    "jp2", "svg", "pdf", "tga", "psd", "exr", "ico", "ppm", "safetensors", "yaml", "txt", "json",
  ]

  /// Checks before long work that a PNG can be written to `path`, that it is not one of the files that
  /// are read, that its name does not promise another format, and that no file is replaced but a
  /// picture of Tessera's.
  /// - Parameter inputs: files that are read, and folders of them.
  /// - Throws: ``FileError``.
  static func check(_ path: String, reading inputs: [String] = []) throws(FileError) {
    try AtomicFile.checkWritable(path, reading: inputs)
    guard case .file(let target) = try OutputDestination(path) else { return }
    let suffix = URL(fileURLWithPath: path).pathExtension.lowercased()
    if otherFormats.contains(suffix) {
      throw .unwritable(path: path, reason: "pictures are written as PNG; name it .png")
    }
    guard isFree(target) || isOwn(target) else {
      throw .unwritable(
        path: path,
        reason: "it is there and no picture of Tessera's; name another file, or remove it first")
    }
  }

  /// Writes a picture that says what made it.
  static func write(_ picture: Image, to path: String, texts: [PNG.Text] = []) throws(ImageError) {
    try PNG.write(picture, to: path, texts: texts + [PNG.Text("Software", Release.software)])
  }

  /// Prints a line about what was written: beside it, where the picture itself is the standard output.
  static func report(_ line: String, of path: String) {
    if (try? OutputDestination(path))?.isStandardOutput == true {
      StandardError.print(line)
    } else {
      print(line)
    }
  }

  private static func isFree(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) != 0 || status.st_size == 0
  }

  /// Whether the file is a PNG that says that Tessera made it.
  private static func isOwn(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    func bytes(_ count: Int) -> [UInt8]? {
      guard let data = try? file.read(upToCount: count), data.count == count else { return nil }
      return [UInt8](data)
    }
    guard bytes(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] else { return false }
    // Texts stand before the first IDAT.
    while let head = bytes(8) {
      let length = head[..<4].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: head[4...], as: UTF8.self)
      guard type != "IDAT", let place = try? file.offset() else { return false }
      if type.hasSuffix("Xt"), let start = bytes(min(length, 18)) {
        let text = String(decoding: start, as: UTF8.self)
        if text.hasPrefix("tessera\0") || text.hasPrefix("Software\0Tessera") { return true }
      }
      guard (try? file.seek(toOffset: place + UInt64(length) + 4)) != nil else { return false }
    }
    return false
  }
}
