import Foundation
import Support

extension Image {
  /// Reads a picture of either kind, PNG or JPEG, which the first bytes tell, not the name.
  ///
  /// - Throws: `ImageError` if the file cannot be read, is neither, is damaged or too large.
  public init(contentsOf path: String) throws(ImageError) {
    try self.init(decoding: ImageFile.bytes(path), name: path)
  }

  /// Decodes a picture in memory, as `init(contentsOf:)` does.
  ///
  /// - Parameter name: What errors call the data.
  public init(decoding data: Data, name: String) throws(ImageError) {
    if JPEG.isJPEG(data) {
      self = try JPEG.decode(data, name: name)
    } else if PNG.isPNG(data) {
      self = try PNG.decode(data, name: name).image
    } else {
      throw .notPicture(path: name)
    }
  }
}

/// Files that hold pictures.
enum ImageFile {
  /// The whole file.
  /// - Throws: `ImageError.unreadable` with the system's reason, or because it is no regular file.
  static func bytes(_ path: String) throws(ImageError) -> Data {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if path.contains("://") {
        throw .unreadable(path: path, reason: "it is an address; download it and name the file")
      }
      throw .unreadable(path: path, reason: systemReason(errno))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .unreadable(path: path, reason: "it is a folder, name a picture in it")
    default: throw .unreadable(path: path, reason: "it is not a regular file")
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      throw .unreadable(
        path: path,
        reason: underlying.map { systemReason(Int32($0.code)) } ?? error.localizedDescription)
    }
  }
}
