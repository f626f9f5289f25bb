import Support

/// One 512-byte header of a tar: POSIX ustar, with GNU's numbers in base 256.
struct TarHeader {
  static let blockSize = 512

  var name: String
  var size: Int
  var type: UInt8

  struct Failure: Error { let reason: String }

  /// - Returns: nil for a block of zeros, of which two end an archive.
  init?(_ block: [UInt8]) throws(Failure) {
    guard block.contains(where: { $0 != 0 }) else { return nil }
    let stored = try Self.number(block[148..<156], of: "checksum")
    let sum = block.indices.reduce(0) { $0 + (148..<156 ~= $1 ? 32 : Int(block[$1])) }
    // Some old programs add signed bytes.
    let signed = block.indices.reduce(0) {
      $0 + (148..<156 ~= $1 ? 32 : Int(Int8(bitPattern: block[$1])))
    }
    guard stored == sum || stored == signed else {
      throw Failure(reason: "the checksum of a header is wrong")
    }
    size = try Self.number(block[124..<136], of: "size")
    type = block[156] == 0 ? UInt8(ascii: "0") : block[156]
    name = Self.text(block[0..<100])
    // GNU's own format has times where POSIX has the prefix.
    if block[257..<263].elementsEqual("ustar\0".utf8), block[345] != 0 {
      name = Self.text(block[345..<500]) + "/" + name
    }
  }

  static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Octal digits between spaces and zeros, or with the first bit set a big-endian number.
  private static func number(
    _ field: ArraySlice<UInt8>, of what: String
  ) throws(Failure) -> Int {
    let first = field.first!
    if first & 0x80 != 0 {
      var value = first & 0x7F == 0 ? 0 : -1
      for byte in field.dropFirst() where value >= 0 {
        value = value > Int.max >> 9 ? -1 : value << 8 | Int(byte)
      }
      guard value >= 0 else { throw Failure(reason: "a header's \(what) is out of range") }
      return value
    }
    let digits = field.drop { $0 == 32 || $0 == 0 }.prefix { $0 != 32 && $0 != 0 }
    var value = 0
    for digit in digits {
      guard 48...55 ~= digit else { throw Failure(reason: "a header's \(what) is no number") }
      value = value << 3 | Int(digit - 48)
    }
    return value
  }

  /// The size padded to whole blocks.
  static func padded(_ size: Int) -> Int { (size + blockSize - 1) / blockSize * blockSize }

  /// Path and size out of pax records: decimal length, space, keyword, `=`, value, line break.
  struct PaxRecords {
    var path: String?
    var size: Int?

    init(_ bytes: [UInt8]) throws(Failure) {
      var rest = bytes[...]
      while let first = rest.first, first != 0 {
        let digits = rest.prefix { 48...57 ~= $0 }
        guard
          (1...7).contains(digits.count), let length = Int(String(decoding: digits, as: UTF8.self)),
          length <= rest.count, length > digits.count + 2,
          rest[rest.startIndex + digits.count] == 32,
          rest[rest.startIndex + length - 1] == 10,
          let equals = rest.prefix(length).firstIndex(of: UInt8(ascii: "="))
        else { throw Failure(reason: "a record of a pax header is malformed") }
        let key = String(
          decoding: rest[rest.startIndex + digits.count + 1..<equals], as: UTF8.self)
        let value = String(
          decoding: rest[equals + 1..<rest.startIndex + length - 1], as: UTF8.self)
        switch key {
        case "path": path = value
        case "size":
          guard let number = Int(value), number >= 0 else {
            throw Failure(reason: "the size in a pax header is no number")
          }
          size = number
        case _ where key.hasPrefix("GNU.sparse."):
          throw Failure(reason: "sparse files in tars are not read; pack it without --sparse")
        default: break
        }
        rest = rest.dropFirst(length)
      }
    }
  }
}
