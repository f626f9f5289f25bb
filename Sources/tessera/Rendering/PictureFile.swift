import Foundation
import Support

/// The file that a command writes a picture to.
enum PictureFile {
  /// Checks before long work that a PNG can be written to `path`, that it is not one of the files that
  /// are read, and that its name does not promise another format.
  /// - Throws: ``FileError``.
  static func check(_ path: String, reading inputs: [String] = []) throws(FileError) {
    let suffix = URL(fileURLWithPath: path).pathExtension.lowercased()
    if ["jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif"].contains(suffix) {
      throw .unwritable(path: path, reason: "pictures are written as PNG; name it .png")
    }
    try AtomicFile.checkWritable(path, reading: inputs)
  }
}
