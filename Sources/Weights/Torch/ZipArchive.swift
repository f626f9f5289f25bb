/// The directory of a zip archive whose records are stored, not compressed, as torch writes them.
///
/// Reads the central directory only, in its 32- and 64-bit forms, and checks each record against
/// the file when it is asked for. Format: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.5.3.
struct ZipArchive: Sendable {
  struct Record: Sendable {
    let name: String
    let isEncrypted: Bool
    let method: UInt16
    /// CRC-32 of the content; 0 where the writer did not compute it.
    let checksum: UInt32
    let size: Int
    let headerOffset: Int
  }

  let file: MappedFile
  let records: [Record]
  private let positions: [String: Int]
  private let directoryOffset: Int

  init(_ file: MappedFile) throws(WeightError) {
    let directory = try locateDirectory(file)
    var records: [Record] = []
    var positions: [String: Int] = [:]
    var offset = directory.range.lowerBound
    for _ in 0..<directory.count {
      let (record, end) = try readRecord(file, at: offset, limit: directory.range.upperBound)
      guard positions.updateValue(records.count, forKey: record.name) == nil else {
        throw file.damage(at: offset, "two records are named \(record.name)")
      }
      records.append(record)
      offset = end
    }
    guard offset == directory.range.upperBound else {
      throw file.damage(at: offset, "the archive's directory is longer than its records")
    }
    self.file = file
    self.records = records
    self.positions = positions
    self.directoryOffset = directory.range.lowerBound
  }

  subscript(name: String) -> Record? { positions[name].map { records[$0] } }

  /// Where the content of a record lies in the file.
  ///
  /// - Throws: `.unsupported` for a compressed or encrypted record, `.damaged` for one that leaves
  ///   the file or contradicts its own header.
  func content(of record: Record) throws(WeightError) -> Range<Int> {
    guard !record.isEncrypted, record.method == 0 else {
      throw .unsupported(
        file: file.path,
        what: "the \(record.isEncrypted ? "encrypted" : "compressed") record \(record.name)",
        advice: "use the archive as torch.save wrote it, not repacked")
    }
    let header = record.headerOffset
    guard file.integer(UInt32.self, at: header) == 0x0403_4b50,
      let nameLength = file.integer(UInt16.self, at: header + 26),
      let extraLength = file.integer(UInt16.self, at: header + 28),
      file.text(in: header + 30..<header + 30 + Int(nameLength)) == record.name
    else {
      throw file.damage(at: header, "no header of the record \(record.name) is here")
    }
    let start = header + 30 + Int(nameLength) + Int(extraLength)
    guard start <= directoryOffset, record.size <= directoryOffset - start else {
      throw file.damage(at: header, "the record \(record.name) is cut short")
    }
    return start..<start + record.size
  }

  /// Compares a record's content with its checksum, where it has one.
  func verifyChecksum(of record: Record) throws(WeightError) {
    let range = try content(of: record)
    guard record.checksum != 0 else { return }
    try file.requireIntact()
    guard crc32(UnsafeRawBufferPointer(rebasing: file.bytes[range])) == record.checksum else {
      throw file.damage(
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
private func locateDirectory(
  _ file: MappedFile
) throws(WeightError) -> (range: Range<Int>, count: Int) {
  let size = file.bytes.count
  let endRecord = stride(from: size - 22, through: max(0, size - 22 - 0xffff), by: -1).first {
    guard file.integer(UInt32.self, at: $0) == 0x0605_4b50,
      let comment = file.integer(UInt16.self, at: $0 + 20)
    else { return false }
    return $0 + 22 + Int(comment) == size
  }
  guard let endRecord else {
    throw file.damage(at: size, "the archive has no directory at its end: the file is cut short")
  }
  var end = endRecord
  var count = file.integer(UInt16.self, at: endRecord + 10).map(UInt64.init)
  var length = file.integer(UInt32.self, at: endRecord + 12).map(UInt64.init)
  var start = file.integer(UInt32.self, at: endRecord + 16).map(UInt64.init)
  if file.integer(UInt32.self, at: endRecord - 20) == 0x0706_4b50 {
    guard let offset = file.integer(UInt64.self, at: endRecord - 12),
      let offset = Int(exactly: offset), offset <= size - 56,
      file.integer(UInt32.self, at: offset) == 0x0606_4b50
    else {
      throw file.damage(at: endRecord - 20, "the 64-bit directory is not where this points")
    }
    end = offset
    count = file.integer(UInt64.self, at: offset + 32)
    length = file.integer(UInt64.self, at: offset + 40)
    start = file.integer(UInt64.self, at: offset + 48)
  }
  guard let count, let length, let start, start <= UInt64(end), length == UInt64(end) - start,
    count <= length / 46
  else {
    throw file.damage(at: end, "the archive's directory does not end here as it says")
  }
  return (Int(start)..<end, Int(count))
}

/// One entry of the central directory, and where the next begins.
private func readRecord(
  _ file: MappedFile, at offset: Int, limit: Int
) throws(WeightError) -> (ZipArchive.Record, end: Int) {
  guard limit - offset >= 46, file.integer(UInt32.self, at: offset) == 0x0201_4b50,
    let flags = file.integer(UInt16.self, at: offset + 8),
    let method = file.integer(UInt16.self, at: offset + 10),
    let checksum = file.integer(UInt32.self, at: offset + 16),
    let packedSize = file.integer(UInt32.self, at: offset + 20).map(UInt64.init),
    let size = file.integer(UInt32.self, at: offset + 24).map(UInt64.init),
    let nameLength = file.integer(UInt16.self, at: offset + 28).map(Int.init),
    let extraLength = file.integer(UInt16.self, at: offset + 30).map(Int.init),
    let commentLength = file.integer(UInt16.self, at: offset + 32).map(Int.init),
    let headerOffset = file.integer(UInt32.self, at: offset + 42).map(UInt64.init),
    case let end = offset + 46 + nameLength + extraLength + commentLength, end <= limit,
    let name = file.text(in: offset + 46..<offset + 46 + nameLength)
  else {
    throw file.damage(at: offset, "no entry of the archive's directory is here")
  }
  // Values that do not fit in 32 bits stand in an extra field, in this order.
  var values = [size, packedSize, headerOffset]
  let extra = offset + 46 + nameLength
  var wide = wideField(file, in: extra..<extra + extraLength)
  for i in values.indices where values[i] == 0xffff_ffff {
    guard wide.count >= 8, let value = file.integer(UInt64.self, at: wide.lowerBound) else {
      throw file.damage(at: offset, "the entry of \(name) lacks its 64-bit sizes")
    }
    values[i] = value
    wide = wide.lowerBound + 8..<wide.upperBound
  }
  guard let size = Int(exactly: values[0]), let headerOffset = Int(exactly: values[2]),
    headerOffset < file.bytes.count, method != 0 || values[0] == values[1]
  else {
    throw file.damage(at: offset, "the entry of \(name) has impossible sizes")
  }
  let record = ZipArchive.Record(
    name: name, isEncrypted: flags & 1 != 0, method: method, checksum: checksum, size: size,
    headerOffset: headerOffset)
  return (record, end)
}

/// The body of the extra field 1, which holds 64-bit sizes; empty if there is none.
private func wideField(_ file: MappedFile, in extra: Range<Int>) -> Range<Int> {
  var offset = extra.lowerBound
  while offset + 4 <= extra.upperBound, let tag = file.integer(UInt16.self, at: offset),
    let length = file.integer(UInt16.self, at: offset + 2).map(Int.init),
    length <= extra.upperBound - offset - 4
  {
    if tag == 1 { return offset + 4..<offset + 4 + length }
    offset += 4 + length
  }
  return extra.upperBound..<extra.upperBound
}
