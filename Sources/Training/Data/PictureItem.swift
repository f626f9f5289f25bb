import Foundation
import Support

/// A picture of a folder or a tar: where it is, and where its captions are.
struct PictureItem: Sendable {
  /// Bytes of a file, or of a part of one.
  enum Place: Hashable, Sendable {
    case file(String)
    case part(of: String, offset: Int, size: Int)
  }

  enum CaptionPlace: Hashable, Sendable {
    case none
    case known([String])
    case text(Place)
    case json(Place)
  }

  /// Path within the folder, or `shard.tar/member`.
  var name: String
  var picture: Place
  var captions: CaptionPlace
  var byteCount: Int

  /// Most bytes of an encoded picture.
  static let pictureLimit = 256 << 20

  func pictureBytes() throws -> [UInt8] { try picture.bytes(limit: Self.pictureLimit) }

  /// All captions; empty where there are none.
  func allCaptions() throws -> [String] {
    switch captions {
    case .none: []
    case .known(let captions): captions
    case .text(let place): Captions.lines(try place.bytes(limit: Captions.byteLimit))
    case .json(let place): try Captions.json(place.bytes(limit: Captions.byteLimit))
    }
  }
}

extension PictureItem.Place {
  /// - Throws: `TrainingDataError.unreadable`.
  func bytes(limit: Int) throws -> [UInt8] {
    switch self {
    case .file(let path):
      let file = try OpenFile(path)
      return try file.read(at: 0, count: file.size, limit: limit)
    case .part(let path, let offset, let size):
      return try OpenFile(path).read(at: offset, count: size, limit: limit)
    }
  }
}

/// A regular file, open for reading at any place.
final class OpenFile: Sendable {
  let path: String
  let size: Int
  private let descriptor: Int32

  /// - Throws: `TrainingDataError.unreadable`.
  init(_ path: String) throws {
    // A FIFO of that name must not block.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw TrainingDataError.unreadable(path, reason: systemReason())
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw TrainingDataError.unreadable(path, reason: "it is not a regular file")
    }
    self.path = path
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Exactly `count` bytes.
  func read(at offset: Int, count: Int, limit: Int) throws -> [UInt8] {
    guard count <= limit else {
      throw TrainingDataError.unreadable(
        path, reason: "\(ByteCount.text(count)) are more than the \(ByteCount.text(limit)) allowed")
    }
    guard offset + count <= size else {
      throw TrainingDataError.unreadable(path, reason: "it became shorter since it was opened")
    }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let read = pread(
          descriptor, buffer.baseAddress! + initialized, count - initialized, offset + initialized)
        if read < 0, errno == EINTR { continue }
        guard read > 0 else {
          let reason = read < 0 ? systemReason() : "it became shorter since it was opened"
          throw TrainingDataError.unreadable(path, reason: reason)
        }
        initialized += read
      }
    }
  }
}
