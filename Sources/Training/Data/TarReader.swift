/// Bytes of a tar, read from front to back.
protocol TarInput {
  /// Bytes read or passed over so far.
  var offset: Int { get }
  /// The next bytes; fewer only at the end.
  mutating func read(_ count: Int) throws -> [UInt8]
  /// Passes over bytes.
  /// - Returns: false where there are not that many.
  mutating func skip(_ count: Int) throws -> Bool
}

/// The regular files of a tar in their order, long names of GNU and pax resolved.
///
/// Names are labels for grouping and for messages: nothing is ever written by them, so `../` in one
/// does no harm.
struct TarReader<Input: TarInput> {
  struct Member: Hashable {
    var name: String
    var size: Int
    /// Byte at which the member's data begins.
    var offset: Int
  }

  private(set) var input: Input
  private let name: String
  private let needsEnd: Bool
  private var unread = 0
  private var sawEnd = false

  /// Most bytes of a pax header or a long name.
  private static var extensionLimit: Int { 1 << 20 }
  /// Most headers in a row that only describe the next one.
  private static var extensionCountLimit: Int { 8 }

  /// - Parameters:
  ///   - name: What errors call the tar.
  ///   - needsEnd: Whether the two blocks of zeros that end a tar have to be there.
  init(_ input: Input, name: String, needsEnd: Bool) {
    (self.input, self.name, self.needsEnd) = (input, name, needsEnd)
  }

  /// The next regular file, whose data is to be read next or is passed over; nil at the end.
  ///
  /// Tars that follow one another are read as one.
  mutating func next() throws -> Member? {
    try skipRest()
    var longName: String?
    var pax: (path: String?, size: Int?) = (nil, nil)
    var extensions = 0
    while true {
      let start = input.offset
      let block = try input.read(TarHeader.blockSize)
      if block.isEmpty {
        guard extensions == 0 else { throw damage(start, "it ends after a header for a file") }
        guard sawEnd || !needsEnd else {
          throw damage(start, "it ends without the blocks of zeros that end a tar")
        }
        return nil
      }
      guard let header = try header(of: block, at: start) else {
        sawEnd = true
        continue
      }
      sawEnd = false
      switch header.type {
      case UInt8(ascii: "L"), UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "K"):
        extensions += 1
        guard extensions <= Self.extensionCountLimit, header.size <= Self.extensionLimit else {
          throw damage(start, "too many or too long headers that describe one file")
        }
        unread = TarHeader.padded(header.size)
        let bytes = try data(header.size, at: start)
        if header.type == UInt8(ascii: "L") { longName = TarHeader.text(bytes[...]) }
        if header.type == UInt8(ascii: "x") {
          let records: TarHeader.PaxRecords
          do { records = try TarHeader.PaxRecords(bytes) } catch {
            throw damage(start, error.reason)
          }
          pax = (records.path ?? pax.path, records.size ?? pax.size)
        }
      case UInt8(ascii: "S"):
        throw damage(start, "sparse files in tars are not read; pack it without --sparse")
      case UInt8(ascii: "1")...UInt8(ascii: "6"):
        // Links, devices and folders have no data; their headers end what describes them.
        (longName, pax, extensions) = (nil, (nil, nil), 0)
      default:
        let size = pax.size ?? header.size
        guard size <= Int.max - 2 * TarHeader.blockSize - input.offset else {
          throw damage(start, "a size is out of range")
        }
        unread = TarHeader.padded(size)
        let isRegular = [UInt8(ascii: "0"), UInt8(ascii: "7")].contains(header.type)
        if isRegular {
          return Member(
            name: pax.path ?? longName ?? header.name, size: size, offset: input.offset)
        }
        try skipRest()
        (longName, pax, extensions) = (nil, (nil, nil), 0)
      }
    }
  }

  private func header(of block: [UInt8], at start: Int) throws -> TarHeader? {
    do {
      guard block.count == TarHeader.blockSize else {
        throw TarHeader.Failure(reason: "it ends within a header")
      }
      return try TarHeader(block)
    } catch let failure as TarHeader.Failure {
      if start == 0, let program = Self.compression(of: block) {
        throw TrainingDataError.compressed(name, by: program)
      }
      throw damage(start, failure.reason + (start == 0 ? "; is it a tar at all?" : ""))
    }
  }

  /// The data of the member that `next` returned last.
  mutating func data(of member: Member) throws -> [UInt8] {
    try data(member.size, at: member.offset)
  }

  private mutating func data(_ size: Int, at start: Int) throws -> [UInt8] {
    let bytes = try input.read(size)
    guard bytes.count == size else {
      throw damage(start, "a file of \(size) bytes runs past the end")
    }
    unread -= size
    try skipRest()
    return bytes
  }

  private mutating func skipRest() throws {
    guard unread > 0 else { return }
    let start = input.offset
    guard try input.skip(unread) else {
      throw damage(start, "\(unread) bytes of a file run past the end")
    }
    unread = 0
  }

  private func damage(_ offset: Int, _ reason: String) -> TrainingDataError {
    .damagedTar(name, offset: offset, reason: reason)
  }

  private static func compression(of block: [UInt8]) -> String? {
    let marks: [([UInt8], String)] = [
      ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"), ([0x42, 0x5A, 0x68], "bzip2"),
    ]
    return marks.first { block.starts(with: $0.0) }?.1
  }
}
