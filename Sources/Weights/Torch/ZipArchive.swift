import Support

/// The directory of a zip archive whose records are stored, not compressed, as torch writes them.
///
/// Reads the central directory only, in its 32- and 64-bit forms, and checks that its records lie
/// one after another; each record's own header is checked when its content is asked for.
/// Format: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.5.3.
struct ZipArchive: Sendable {
  struct Record: Sendable {
    let name: String
    let isEncrypted: Bool
    let method: UInt16
    /// CRC-32 of the content; 0 where the writer did not compute it.
    let checksum: UInt32
    /// Bytes of content as stored.
    let size: Int
    let headerOffset: Int
    /// Where the next record, or the directory, begins.
    fileprivate(set) var limit: Int
  }

  let source: WeightSource
  let records: [Record]
  private let positions: [String: Int]

  init(_ source: WeightSource) throws(WeightError) {
    let (directory, count) = try readDirectory(source)
    var records: [Record] = []
    var positions: [String: Int] = [:]
    var offset = directory.range.lowerBound
    for _ in 0..<count {
      let (record, end) = try readEntry(directory, at: offset)
      guard positions.updateValue(records.count, forKey: record.name) == nil else {
        throw source.damage(at: offset, "two records are named \(record.name)")
      }
      records.append(record)
      offset = end
    }
    guard offset == directory.range.upperBound else {
      throw source.damage(at: offset, "the archive's directory is longer than its records")
    }
    try limitRecords(&records, source)
    self.source = source
    self.records = records
    self.positions = positions
  }

  subscript(name: String) -> Record? { positions[name].map { records[$0] } }

  /// Where the content of a record lies in the file.
  ///
  /// - Throws: `.unsupported` for a compressed or encrypted record, `.damaged` for one that reaches
  ///   into the next or contradicts its own header.
  func content(of record: Record) throws(WeightError) -> Range<Int> {
    guard !record.isEncrypted, record.method == 0 else {
      throw .unsupported(
        file: source.path,
        what: "the \(record.isEncrypted ? "encrypted" : "compressed") record \(record.name)",
        advice: "use the archive as torch.save wrote it, not repacked")
    }
    let start = record.headerOffset
    let header = try source.slice(start..<start + 30 + record.name.utf8.count)
    guard header.integer(UInt32.self, at: start) == 0x0403_4b50,
      let nameLength = header.integer(UInt16.self, at: start + 26),
      let extraLength = header.integer(UInt16.self, at: start + 28),
      header.text(in: start + 30..<start + 30 + Int(nameLength)) == record.name
    else {
      throw source.damage(at: start, "no header of the record \(record.name) is here")
    }
    let first = start + 30 + Int(nameLength) + Int(extraLength)
    guard first <= record.limit, record.size <= record.limit - first else {
      throw source.damage(at: start, "the record \(record.name) reaches into what follows it")
    }
    return first..<first + record.size
  }

  /// Compares a record's content with its checksum, where it has one.
  func verifyChecksum(of record: Record) throws(WeightError) {
    let range = try content(of: record)
    guard record.checksum != 0 else { return }
    var checksum: UInt32 = 0
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 20) {
      let chunk = try source.slice(start..<min(start + 1 << 20, range.upperBound))
      checksum = chunk.bytes.withUnsafeBytes { crc32($0, after: checksum) }
    }
    guard checksum == record.checksum else {
      throw source.damage(
        at: range.lowerBound, "the record \(record.name) differs from its checksum")
    }
  }

  /// Compares all stored records with their checksums.
  func verifyChecksums() throws(WeightError) {
    for record in records where record.method == 0 && !record.isEncrypted {
      try verifyChecksum(of: record)
    }
  }
}

/// Finds the central directory from the end of the file backwards.
private func readDirectory(
  _ source: WeightSource
) throws(WeightError) -> (entries: SourceSlice, count: Int) {
  /// Room for 100,000 records; a checkpoint has one a tensor.
  let longestDirectory: UInt64 = 16_000_000

  let size = source.count
  // The end record of 22 bytes and a comment, with the 20 bytes before that a 64-bit one takes.
  let tail = try source.slice(size - 22 - 0xffff - 20..<size)
  let endRecord = stride(from: size - 22, through: tail.range.lowerBound, by: -1).first {
    guard tail.integer(UInt32.self, at: $0) == 0x0605_4b50,
      let comment = tail.integer(UInt16.self, at: $0 + 20)
    else { return false }
    return $0 + 22 + Int(comment) == size
  }
  guard let endRecord else {
    throw source.damage(
      at: size, "the archive has no directory at its end: the file is cut short or has more")
  }
  var end = endRecord
  var count = tail.integer(UInt16.self, at: endRecord + 10).map(UInt64.init)
  var length = tail.integer(UInt32.self, at: endRecord + 12).map(UInt64.init)
  var start = tail.integer(UInt32.self, at: endRecord + 16).map(UInt64.init)
  if tail.integer(UInt32.self, at: endRecord - 20) == 0x0706_4b50 {
    guard let offset = tail.integer(UInt64.self, at: endRecord - 12),
      let offset = Int(exactly: offset), offset <= size - 56,
      case let wide = try source.slice(offset..<offset + 56),
      wide.integer(UInt32.self, at: offset) == 0x0606_4b50
    else {
      throw source.damage(at: endRecord - 20, "the 64-bit directory is not where this points")
    }
    end = offset
    count = wide.integer(UInt64.self, at: offset + 32)
    length = wide.integer(UInt64.self, at: offset + 40)
    start = wide.integer(UInt64.self, at: offset + 48)
  }
  guard let count, let length, let start, start <= UInt64(end), length == UInt64(end) - start,
    count <= length / 46
  else {
    throw source.damage(at: end, "the archive's directory does not end here as it says")
  }
  guard length <= longestDirectory else {
    throw source.damage(
      at: Int(start), "the archive's directory takes \(length) bytes, the most is 16 MB")
  }
  return (try source.slice(Int(start)..<end), Int(count))
}

/// One entry of the central directory, and where the next begins.
private func readEntry(
  _ directory: SourceSlice, at offset: Int
) throws(WeightError) -> (ZipArchive.Record, end: Int) {
  guard directory.integer(UInt32.self, at: offset) == 0x0201_4b50,
    let flags = directory.integer(UInt16.self, at: offset + 8),
    let method = directory.integer(UInt16.self, at: offset + 10),
    let checksum = directory.integer(UInt32.self, at: offset + 16),
    let packedSize = directory.integer(UInt32.self, at: offset + 20).map(UInt64.init),
    let size = directory.integer(UInt32.self, at: offset + 24).map(UInt64.init),
    let nameLength = directory.integer(UInt16.self, at: offset + 28).map(Int.init),
    let extraLength = directory.integer(UInt16.self, at: offset + 30).map(Int.init),
    let commentLength = directory.integer(UInt16.self, at: offset + 32).map(Int.init),
    let headerOffset = directory.integer(UInt32.self, at: offset + 42).map(UInt64.init),
    case let end = offset + 46 + nameLength + extraLength + commentLength,
    end <= directory.range.upperBound,
    let name = directory.text(in: offset + 46..<offset + 46 + nameLength)
  else {
    throw directory.damage(at: offset, "no entry of the archive's directory is here")
  }
  guard isPlain(name) else {
    throw directory.damage(at: offset, "the record \(name.prefix(512)) is not named as torch would")
  }
  // Values that do not fit in 32 bits stand in an extra field, in this order.
  var values = [size, packedSize, headerOffset]
  let extra = offset + 46 + nameLength
  var wide = wideField(directory, in: extra..<extra + extraLength)
  for i in values.indices where values[i] == 0xffff_ffff {
    guard wide.count >= 8, let value = directory.integer(UInt64.self, at: wide.lowerBound) else {
      throw directory.damage(at: offset, "the entry of \(name) lacks its 64-bit sizes")
    }
    values[i] = value
    wide = wide.lowerBound + 8..<wide.upperBound
  }
  guard method != 0 || values[0] == values[1], let size = Int(exactly: values[1]),
    let headerOffset = Int(exactly: values[2]), headerOffset < directory.range.lowerBound,
    size <= directory.range.lowerBound - headerOffset
  else {
    throw directory.damage(at: offset, "the entry of \(name) has impossible sizes")
  }
  let record = ZipArchive.Record(
    name: name, isEncrypted: flags & 1 != 0, method: method, checksum: checksum, size: size,
    headerOffset: headerOffset, limit: directory.range.lowerBound)
  return (record, end)
}

/// Whether a record's name is a relative path that stays where it is: torch writes no other.
private func isPlain(_ name: String) -> Bool {
  name.utf8.count <= 512
    && !name.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "\\") }
    && name.split(separator: "/", omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
}

/// The body of the extra field 1, which holds 64-bit sizes; empty if there is none.
private func wideField(_ directory: SourceSlice, in extra: Range<Int>) -> Range<Int> {
  var offset = extra.lowerBound
  while offset + 4 <= extra.upperBound, let tag = directory.integer(UInt16.self, at: offset),
    let length = directory.integer(UInt16.self, at: offset + 2).map(Int.init),
    length <= extra.upperBound - offset - 4
  {
    if tag == 1 { return offset + 4..<offset + 4 + length }
    offset += 4 + length
  }
  return extra.upperBound..<extra.upperBound
}

/// Sets each record's limit to where the next begins. Records that share bytes, which is how a
/// small file can pretend to be a large one, are damage.
private func limitRecords(
  _ records: inout [ZipArchive.Record], _ source: WeightSource
) throws(WeightError) {
  let order = records.indices.sorted { records[$0].headerOffset < records[$1].headerOffset }
  for (record, next) in zip(order, order.dropFirst()) {
    let limit = records[next].headerOffset
    let least = records[record].headerOffset + 30 + records[record].name.utf8.count
    guard least <= limit, records[record].size <= limit - least else {
      throw source.damage(
        at: limit, "the records \(records[record].name) and \(records[next].name) overlap")
    }
    records[record].limit = limit
  }
}
