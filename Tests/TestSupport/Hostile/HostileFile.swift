/// A file that no honest writer made, or that did not arrive whole, and what is to be said of it.
package struct HostileFile: Sendable {
  package let name: String
  /// The bytes, made when they are asked for, as some are large.
  package let bytes: @Sendable () -> [UInt8]
  /// Bytes of the file on disk, where there are more: the rest reads as zeros and takes no room.
  package let size: Int?
  /// What the error says, among other things.
  package let message: String

  init(
    _ name: String, _ message: String, size: Int? = nil,
    _ bytes: @autoclosure @escaping @Sendable () -> [UInt8]
  ) {
    self.init(name, message, size: size, making: bytes)
  }

  init(
    _ name: String, _ message: String, size: Int? = nil,
    making bytes: @escaping @Sendable () -> [UInt8]
  ) {
    self.name = name
    self.message = message
    self.size = size
    self.bytes = bytes
  }

  package static let all =
    strangers + safetensorsHeaders + safetensorsSpans + zipEnds + zipRecords + pickles + views
    + bombs

  /// Files of other kinds.
  private static let strangers = [
    HostileFile("empty", "the file is empty", []),
    HostileFile("one-byte", "begins with bytes 50", [0x50]),
    HostileFile("web-page", "this is a web page", Array("<!DOCTYPE html><html>".utf8)),
    HostileFile(
      "lfs-pointer", "run `git lfs pull`", Array("version https://git-lfs.github.com/spec/v1".utf8)),
    HostileFile("elf", "begins with bytes 7f 45 4c 46", Array("\u{7f}ELF\u{2}\u{1}\u{1}".utf8)),
    HostileFile("zeros", "begins with bytes 00 00", size: 1 << 30, []),
    HostileFile(
      "old-torch", "before PyTorch 1.6",
      [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]),
    HostileFile(
      "bare-pickle-calling-system", "a pickle, not a zip",
      [0x80, 4] + global("os", "system") + unicode("id") + [0x85, 0x52, 0x2e]),
  ]
}

extension String {
  var utf8Bytes: [UInt8] { Array(utf8) }
}

/// A pickled global name.
func global(_ module: String, _ name: String) -> [UInt8] { [0x63] + "\(module)\n\(name)\n".utf8 }
