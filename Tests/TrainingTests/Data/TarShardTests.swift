import Foundation
import Testing
import Training

struct TarShardTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func open(_ bytes: [UInt8]) throws -> TrainingData {
    try folder.write(bytes, "a.tar")
    return try TrainingData(folder.path + "/a.tar")
  }

  @Test func filesAreGroupedByKey() throws {
    var tar = Tar()
    tar.add("./", [], type: "5")
    tar.add("a/1.png", try png(1))
    tar.add("a/1.txt", "one\n")
    tar.add("a/1.json", #"{"caption": "unused"}"#)
    tar.add("a/2.seg.png", try png(99))
    tar.add("a/2.JPG", try png(2))
    tar.add("a/2.cls", "7")
    tar.add("._a.png", try png(98))
    tar.add("link.png", [], type: "2")
    tar.add("b.json", #"{"captions": ["x", "y"], "key": "b"}"#)
    tar.add("b.png", try png(3))
    tar.add("alone.txt", "no picture")
    tar.add("b.png", try png(4))
    let data = try open(tar.ended)
    #expect(data.count == 4)
    let batch = try data.sample(9, size: 2)
    #expect(numbers(batch) == [1, 2, 3, 4])
    #expect(batch.captions == ["one", "", "x", ""])
    #expect(try data.captions(ofFirst: 9, seed: 0) == ["one", "x", "y"])
  }

  @Test func longNames() throws {
    let long = String(repeating: "folder/", count: 30)
    var tar = Tar()
    tar.add("././@LongLink", Array((long + "g.png\0").utf8), type: "L")
    tar.add("cut", try png(1))
    tar.addPax([("mtime", "1.5"), ("path", long + "p.png"), ("comment", "a=b\n3 c")])
    tar.add("cut", try png(2))
    tar.add("p.png", try png(3)) { $0.replaceSubrange(345..<348, with: "dir".utf8) }
    tar.addPax([("path", "q.png"), ("size", "\(try png(4).count)")])
    tar.add("cut", try png(4), size: 0)
    #expect(numbers(try open(tar.ended).sample(9, size: 2)) == [1, 2, 3, 4])
  }

  @Test func numbersInBase256AndTarsInARow() throws {
    var tar = Tar()
    let picture = try png(5)
    tar.add("a.png", picture) { header in
      let digits = withUnsafeBytes(of: UInt64(picture.count).bigEndian) { Array($0) }
      header.replaceSubrange(124..<136, with: [0x80, 0, 0, 0] + digits)
    }
    let data = try open(tar.ended + tar.ended)
    #expect(numbers(try data.sample(9, size: 2)) == [5, 5])
  }

  @Test func namesThatLeaveTheFolderAreLabels() throws {
    var tar = Tar()
    tar.add("../../escape.png", try png(1))
    tar.add("/etc/absolute.png", try png(2))
    tar.add("bad\u{1B}[2J.png", damagedPNG)
    let data = try open(tar.ended)
    let loader = try BatchLoader(data, size: 2, batch: 2, seed: 1, crop: .center)
    for _ in 0..<3 { #expect(Set(numbers(try loader.next())).isSubset(of: [1, 2])) }
    #expect(loader.skipped.count == 1)
    #expect(loader.skipped.allSatisfy { !$0.reason.contains("\u{1B}") })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.tar"])
  }

  @Test func damageIsNamedWithItsOffset() throws {
    var tar = Tar()
    tar.add("a.png", try png(1))
    let second = tar.bytes.count
    tar.add("b.png", try png(2))
    let third = tar.bytes.count

    func expect(_ bytes: [UInt8], _ offset: Int, _ reason: String) {
      let text = message { _ = try open(bytes) }
      #expect(text.contains("a.tar is damaged at byte \(offset): \(reason)"), "\(text)")
    }
    expect(Array(tar.ended[..<(second + 100)]), second, "it ends within a header")
    expect(Array(tar.ended[..<(second + 520)]), second + 512, "512 bytes of a file run past")
    expect(tar.bytes, third, "it ends without the blocks of zeros")
    var flipped = tar.ended
    flipped[second + 3] ^= 1
    expect(flipped, second, "the checksum of a header is wrong")
    expect([UInt8]("no tar at all".utf8), 0, "it ends within a header")
    expect([], 0, "it ends without")

    func added(_ change: (inout Tar) -> Void) -> [UInt8] {
      var changed = tar
      change(&changed)
      return changed.ended
    }
    expect(added { $0.add("c.png", [1], size: 1 << 32) }, third + 512, "4294967296 bytes")
    expect(
      added {
        $0.add("c.png", []) {
          $0.replaceSubrange(124..<136, with: [UInt8](repeating: 0xFF, count: 12))
        }
      }, third, "a header's size is out of range")
    expect(
      added {
        $0.add("c.png", []) {
          $0.replaceSubrange(
            124..<136, with: [0x80, 0, 0, 0, 0x7F] + [UInt8](repeating: 0xFF, count: 7))
        }
      }, third, "a header's size is out of range")
    expect(
      added { $0.add("c.png", []) { $0.replaceSubrange(124..<127, with: "9zz".utf8) } }, third,
      "a header's size is no number")
    expect(added { $0.add("s.png", [], type: "S") }, third, "sparse files")
    expect(added { $0.addPax([("GNU.sparse.map", "0")]) }, third, "sparse files")
    expect(added { $0.addPax([("size", "-1")]) }, third, "the size in a pax header")
    expect(added { $0.add("x", Array("99 path=a\n".utf8), type: "x") }, third, "a record of a pax")
    expect(added { $0.add("x", Array("path=a\n".utf8), type: "x") }, third, "a record of a pax")
    expect(added { $0.add("x", Array("0 =\n".utf8), type: "x") }, third, "a record of a pax")
    expect(added { $0.add("x", [], type: "L", size: 1 << 21) }, third, "too many or too long")
    let headers = added { tar in for _ in 0..<20 { tar.addPax([("path", "loop")]) } }
    expect(headers, third + 8 * 1024, "too many or too long")
    let pax = Array(added { $0.addPax([("path", "a")]) }.dropLast(1024))
    expect(pax, pax.count, "it ends after a header")
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"), ([0x42, 0x5A, 0x68, 0x39], "bzip2"),
    ] as [([UInt8], String)])
  func compressedTarsAreRefused(_ start: [UInt8], _ program: String) throws {
    let text = message { _ = try open(start + [UInt8](repeating: 7, count: 2000)) }
    #expect(text.contains("is packed by \(program); unpack it first"))
  }

  @Test func shardPatterns() throws {
    for number in 0..<12 {
      var tar = Tar()
      tar.add("p.png", try png(number))
      try folder.write(tar.ended, String(format: "s-%02d.tar", number))
    }
    func all(_ pattern: String) throws -> [Int] {
      numbers(try TrainingData(folder.path + "/" + pattern).sample(99, size: 2))
    }
    #expect(try all("s-{00..11}.tar") == Array(0..<12))
    #expect(try all("s-{08..10}.tar") == [8, 9, 10])
    #expect(try all("s-0{2..3}.tar") == [2, 3])
    #expect(try all("s-{0..1}{0..1}.tar") == [0, 1, 10, 11])
    #expect(try all("s-1*.tar") == [10, 11])
    for (pattern, reason) in [
      ("s-{10..12}.tar", "1 of the 3 files are not there"), ("t-*.tar", "no file has such a name"),
      ("s-{3..1}.tar", "a range such as"), ("s-{a..b}.tar", "a range such as"),
      ("s-{0..999999999}.tar", "more than 100000 files"), ("s-{0..1.tar", "a { has no }"),
    ] {
      #expect(message { _ = try all(pattern) }.contains(reason))
    }
  }

  @Test func aTarThatShrinksLater() throws {
    var tar = Tar()
    for number in 0..<4 { tar.add("\(number).png", try png(number)) }
    let data = try open(tar.ended)
    try folder.write(Array(tar.bytes.prefix(1500)), "a.tar")
    let loader = try BatchLoader(data, size: 2, batch: 2, seed: 1, crop: .center)
    let batch = try loader.next()
    #expect(numbers(batch) == [0, 0])
    #expect(loader.skipped.first?.reason.contains("became shorter") == true)
  }
}
