import Foundation
import Support

/// Compiled programs kept on disk between runs.
///
/// A file is trusted only if its checksum holds and it carries the very text it was compiled from,
/// so neither damage nor a collision of names can hand out a wrong program. A directory that cannot
/// be read or written only costs time.
package struct ProgramCache: Sendable {
  /// Everything a compiled program depends on.
  package struct Key {
    let text: String

    package init(source: String, options: String, device: Device) {
      text = """
        \(Self.compiler(of: device))
        options: \(options)

        \(source)
        """
    }

    /// What compiles for a device, the same for devices that are alike.
    package static func compiler(of device: Device) -> String {
      """
      platform: \(device.platform.name), \(device.platform.version)
      device: \(device.name)
      driver: \(device.driverVersion)
      """
    }
  }

  package let directory: URL

  package init(directory: URL) { self.directory = directory }

  /// The folder `programs` of the user's cache; nil without a home directory.
  ///
  /// Nil for PoCL, too, where `POCL_CACHE_DIR` says that it keeps programs itself. Asked for a
  /// program, PoCL 3.1 compiles every kernel a second time, for work-groups of any size, which
  /// doubles the time of a first start; without, every start reads all sources and keeps what it
  /// makes of them, which takes four seconds and 140 MB for 200 programs.
  package static func standard(for device: Device) -> ProgramCache? {
    let isPoCL = device.platform.name == "Portable Computing Language"
    if isPoCL, ProcessInfo.processInfo.environment["POCL_CACHE_DIR"] != nil { return nil }
    return UserFolder.cache.map {
      ProgramCache(directory: URL(fileURLWithPath: $0 + "/programs", isDirectory: true))
    }
  }

  /// Whether there is a file for `key`, intact or not.
  package func holds(_ key: Key) -> Bool {
    FileManager.default.fileExists(atPath: url(of: key).path)
  }

  func load(_ key: Key) -> [UInt8]? {
    guard let file = try? Data(contentsOf: url(of: key)) else { return nil }
    return ProgramFile.payload(of: [UInt8](file), key: [UInt8](key.text.utf8))
  }

  /// Writes beside the final name and renames, so readers see all of a file or none.
  package func store(_ binary: [UInt8], for key: Key) {
    let file = ProgramFile.encode(key: [UInt8](key.text.utf8), payload: binary)
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try? Data(file).write(to: url(of: key), options: .atomic)
  }

  package func url(of key: Key) -> URL {
    directory.appendingPathComponent(FNV1a.hash128(key.text).hexadecimal + ".bin")
  }
}

/// The layout of a cached program:
/// magic (16 bytes) · key length · payload length (8 bytes each) · digest of all that follows
/// (16 bytes) · key · payload. Integers are little-endian.
enum ProgramFile {
  private static let magic = Array("tessera program\n".utf8)
  private static let headerSize = 48

  static func encode(key: [UInt8], payload: [UInt8]) -> [UInt8] {
    let body = key + payload
    return magic + UInt64(key.count).bytes + UInt64(payload.count).bytes + digest(of: body).bytes
      + body
  }

  /// The payload of an intact file for `key`, else nil.
  static func payload(of file: [UInt8], key: [UInt8]) -> [UInt8]? {
    guard file.count > headerSize else { return nil }
    let body = file[headerSize...]
    let header =
      magic + UInt64(key.count).bytes + UInt64(clamping: body.count - key.count).bytes
      + digest(of: body).bytes
    guard file.starts(with: header), body.starts(with: key), body.count > key.count else {
      return nil
    }
    return Array(body.dropFirst(key.count))
  }

  private static func digest(of body: some ContiguousBytes) -> UInt128 {
    body.withUnsafeBytes { FNV1a.hash128($0) }
  }
}

extension FixedWidthInteger {
  /// Little-endian.
  fileprivate var bytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
