import Foundation
import Support
import Testing

@Suite struct HashTests {
  @Test func crc32IsTheStandardOne() {
    // The check value of CRC-32/ISO-HDLC, and a length that is a multiple of eight.
    #expect(Array("123456789".utf8).withUnsafeBytes { crc32($0) } == 0xcbf4_3926)
    #expect(Array("12345678".utf8).withUnsafeBytes { crc32($0) } == 0x9ae0_daaf)
    #expect([UInt8]().withUnsafeBytes { crc32($0) } == 0)
  }

  /// The values that the authors of the hash publish.
  @Test(arguments: [
    ("", "811c9dc5", "cbf29ce484222325", "6c62272e07bb014262b821756295c58d"),
    ("a", "e40c292c", "af63dc4c8601ec8c", "d228cb696f1a8caf78912b704e4a8964"),
    ("foobar", "bf9cf968", "85944171f73967e8", "343e1662793c64bf6f0d3597ba446f18"),
  ])
  func fnv1a(text: String, hash32: String, hash64: String, hash128: String) {
    #expect(FNV1a.hash32(text).hexadecimal == hash32)
    #expect(FNV1a.hash64(text).hexadecimal == hash64)
    #expect(FNV1a.hash128(text).hexadecimal == hash128)
    #expect(Array(text.utf8).withUnsafeBytes { FNV1a.hash128($0) }.hexadecimal == hash128)
  }

  @Test func leadingZerosAreDigits() {
    #expect(UInt8(7).hexadecimal == "07")
    #expect(UInt64(0).hexadecimal == "0000000000000000")
  }

  /// The examples of FIPS 180-4, one of them longer than a piece that is read at once.
  @Test(arguments: [
    (
      Data("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    ),
    (Data(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (
      Data(repeating: UInt8(ascii: "a"), count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func sha256(content: Data, digest: String) throws {
    try withTemporaryFolder { folder in
      try content.write(to: URL(fileURLWithPath: folder + "/file"))
      #expect(try SHA256.ofFile(folder + "/file") == digest)
      #expect(try SHA256.ofFile(folder + "/file") == digest)
    }
  }

  @Test func sha256OfAFileThatChanges() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try Data("abc".utf8).write(to: URL(fileURLWithPath: path))
      let first = try SHA256.ofFile(path)
      try Data("abcd".utf8).write(to: URL(fileURLWithPath: path))
      let longer = try SHA256.ofFile(path)
      #expect(longer != first)
      let file = open(path, O_WRONLY)
      try #require(write(file, "x", 1) == 1)
      try #require(futimens(file, [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]) == 0)
      close(file)
      #expect(try ![first, longer].contains(SHA256.ofFile(path)))
    }
  }

  @Test func sha256CanBeStoppedAndFail() throws {
    try withTemporaryFolder { folder in
      try Data([1]).write(to: URL(fileURLWithPath: folder + "/file"))
      #expect(try SHA256.ofFile(folder + "/file", goOn: { false }) == nil)
      let error = #expect(throws: FileError.self) { try SHA256.ofFile(folder + "/none") }
      #expect(error?.description.hasPrefix("cannot read \(folder)/none: no such file") == true)
    }
  }
}
