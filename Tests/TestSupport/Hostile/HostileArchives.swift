extension HostileFile {
  private static let good = pickle(view(shape: [6], strides: [1]))
  private static let floats = [UInt8](repeating: 0, count: 24)
  private static let pickleRecord = ZipRecord("model/data.pkl", good)
  private static let dataRecord = ZipRecord("model/data/0", floats)

  /// An archive whose pickle or data is changed so.
  private static func changed(
    pickle changePickle: (inout ZipRecord) -> Void = { _ in },
    data changeData: (inout ZipRecord) -> Void = { _ in }
  ) -> [UInt8] {
    archive([pickleRecord.with(changePickle), dataRecord.with(changeData)])
  }

  /// A sound archive with one more record.
  private static func with(_ name: [UInt8]) -> [UInt8] {
    archive([pickleRecord, dataRecord, ZipRecord("", [1]).with { $0.name = name }])
  }

  private static func cut(_ name: String, _ keep: @escaping @Sendable (Int) -> Int) -> HostileFile {
    HostileFile(
      "zip-cut-\(name)", "no directory at its end: the file is cut short",
      making: {
        let whole = checkpoint(pickle: good)
        return Array(whole.prefix(keep(whole.count)))
      })
  }

  private static let entryNot = "is not named as torch would"

  static let zipEnds = [
    cut("after-its-first-bytes") { _ in 4 },
    cut("in-its-first-record") { _ in 40 },
    cut("in-the-middle") { $0 / 2 },
    cut("in-the-directory") { $0 - 60 },
    cut("in-its-end") { $0 - 10 },
    cut("by-a-byte") { $0 - 1 },
    HostileFile("zip-bytes-behind", "cut short or has more", checkpoint(pickle: good) + [0]),
    HostileFile("zip-without-records", "begins with bytes 50 4b 05 06", archive([])),
    HostileFile(
      "zip-more-records-than-entries", "does not end here as it says",
      archive([pickleRecord, dataRecord], count: 9)),
    HostileFile(
      "zip-fewer-records-than-entries", "directory is longer than its records",
      archive([pickleRecord, dataRecord], count: 1)),
    HostileFile(
      "zip-directory-begins-elsewhere", "does not end here as it says",
      archive([pickleRecord, dataRecord], start: 0)),
    HostileFile(
      "zip-directory-beyond-the-file", "does not end here as it says",
      archive([pickleRecord, dataRecord], start: .max - 1)),
    HostileFile(
      "zip64-end-beyond-the-file", "64-bit directory is not where this points",
      archive(
        [pickleRecord, dataRecord],
        beforeEnd: little(UInt32(0x0706_4b50)) + [0, 0, 0, 0] + little(UInt64.max) + [1, 0, 0, 0])),
    HostileFile(
      "zip64-end-is-no-end", "64-bit directory is not where this points",
      archive(
        [pickleRecord, dataRecord],
        beforeEnd: little(UInt32(0x0706_4b50)) + [0, 0, 0, 0] + little(UInt64(0)) + [1, 0, 0, 0])),
    HostileFile("zip64-count-lies", "does not end here as it says", wideEnd(count: .max)),
    HostileFile(
      "zip64-length-lies", "does not end here as it says", wideEnd(count: 1, length: .max)),
    HostileFile(
      "zip-directory-huge", "directory takes 20000000 bytes, the most is 16 MB",
      [0x50, 0x4b, 3, 4] + [UInt8](repeating: 0, count: 20_000_000)
        + little(UInt32(0x0605_4b50)) + [0, 0, 0, 0, 1, 0, 1, 0] + little(UInt32(20_000_000))
        + little(UInt32(4)) + [0, 0]),
  ]

  /// A file that is nothing but the 64-bit end of an archive.
  private static func wideEnd(count: UInt64, length: UInt64 = 0) -> [UInt8] {
    let end =
      little(UInt32(0x0606_4b50)) + little(UInt64(44)) + [45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      + little(count) + little(count) + little(length) + little(UInt64(4))
    let locator = little(UInt32(0x0706_4b50)) + [0, 0, 0, 0] + little(UInt64(4)) + [1, 0, 0, 0]
    let oldEnd =
      little(UInt32(0x0605_4b50)) + [0, 0, 0, 0]
      + [UInt8](repeating: 0xff, count: 12) + [0, 0]
    return [0x50, 0x4b, 3, 4] + end + locator + oldEnd
  }

  static let zipRecords = [
    HostileFile("zip-name-climbs", entryNot, with("../../../etc/passwd".utf8Bytes)),
    HostileFile("zip-name-climbs-inside", entryNot, with("model/data/../../x".utf8Bytes)),
    HostileFile("zip-name-absolute", entryNot, with("/etc/passwd".utf8Bytes)),
    HostileFile("zip-name-of-windows", entryNot, with("C:\\autoexec.bat".utf8Bytes)),
    HostileFile("zip-name-empty", entryNot, with([])),
    HostileFile("zip-name-with-zero", entryNot, with("model/data.pkl\0.txt".utf8Bytes)),
    HostileFile("zip-name-of-many-lines", entryNot, with("model/\n\u{1b}[2J".utf8Bytes)),
    HostileFile("zip-name-long", entryNot, with([UInt8](repeating: 0x61, count: 60_000))),
    HostileFile("zip-name-not-utf-8", "no entry of the archive's directory", with([0xff, 0xfe])),
    HostileFile(
      "zip-name-twice", "two records are named model/data/0", with("model/data/0".utf8Bytes)),
    HostileFile(
      "zip-two-pickles", "a second pickle, other/data.pkl", with("other/data.pkl".utf8Bytes)),
    HostileFile("zip-without-pickle", "without data.pkl", archive([dataRecord])),
    HostileFile(
      "zip-without-storage", "w lacks its record model/data/0", archive([pickleRecord])),
    HostileFile(
      "zip-big-endian", "big-endian byte order", checkpoint(pickle: good, byteOrder: "big")),
    HostileFile(
      "zip-pickle-compressed", "the compressed record model/data.pkl is not supported",
      changed(pickle: {
        $0.method = 8
        $0.size = 4_000_000_000
      })),
    HostileFile(
      "zip-bomb", "the compressed record model/data/0 is not supported",
      changed(data: {
        $0.method = 8
        $0.size = .max - 1
      })),
    HostileFile(
      "zip-encrypted", "the encrypted record model/data.pkl", changed(pickle: { $0.flags = 1 })),
    HostileFile(
      "zip-sizes-disagree", "model/data/0 has impossible sizes", changed(data: { $0.size = 1000 })),
    HostileFile(
      "zip-size-beyond-the-file", "model/data/0 has impossible sizes",
      changed(data: {
        $0.size = 3_000_000_000
        $0.storedSize = 3_000_000_000
      })),
    HostileFile(
      "zip-offset-beyond-the-file", "model/data/0 has impossible sizes",
      changed(data: { $0.headerOffset = .max - 1 })),
    HostileFile(
      "zip64-sizes-missing", "model/data/0 lacks its 64-bit sizes",
      changed(data: { $0.size = .max })),
    HostileFile(
      "zip64-sizes-lie", "model/data/0 has impossible sizes",
      changed(data: {
        $0.size = .max
        $0.storedSize = .max
        $0.extra = [1, 0, 16, 0] + little(UInt64.max) + little(UInt64.max)
      })),
    HostileFile(
      "zip64-extra-cut", "model/data/0 lacks its 64-bit sizes",
      changed(data: {
        $0.size = .max
        $0.extra = [1, 0, 200, 0, 1, 2, 3]
      })),
    HostileFile(
      "zip-records-overlap", "the records model/data.pkl and model/data/0 overlap",
      changed(data: { $0.headerOffset = 20 })),
    HostileFile(
      "zip-records-share-bytes", "overlap", changed(data: { $0.headerOffset = 0 })),
    HostileFile(
      "zip-record-under-another-name", "no header of the record model/data.pkl is here",
      changed(pickle: { $0.localName = "model/evil.pkl".utf8Bytes })),
    HostileFile(
      "zip-record-behind-a-longer-name", "no header of the record model/data/0 is here",
      changed(data: { $0.localName = "model/data/0.and.more".utf8Bytes })),
    HostileFile(
      "zip-pickle-with-flipped-bit", "model/data.pkl differs from its checksum",
      changed(pickle: { $0.checksum = 0x1234_5678 })),
    HostileFile(
      "zip-storage-cut", "the storage 0 of w has 8 bytes for 6 elements of 4",
      archive([pickleRecord, ZipRecord("model/data/0", [UInt8](repeating: 0, count: 8))])),
  ]
}
