import Foundation
import Imaging
import Testing
import Training

/// A folder for one test, removed with the value.
final class TestFolder {
  let path = NSTemporaryDirectory() + "training-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], _ name: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

  /// Pictures `000.png`… of one colour each, whose red byte is their number.
  func writePictures(_ count: Int, damaged: Set<Int> = []) throws {
    for number in 0..<count {
      try write(
        damaged.contains(number) ? damagedPNG : png(number), String(format: "%03d.png", number))
    }
  }
}

/// A PNG of one colour, (number, 0, 255 − number).
func png(_ number: Int, width: Int = 8, height: Int = 8) throws -> [UInt8] {
  let color: [UInt8] = [UInt8(number), 0, UInt8(255 - number)]
  let bytes = (0..<width * height).flatMap { _ in color }
  return Array(try PNG.encode(Image(width: width, height: height, bytes: bytes)))
}

let damagedPNG: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 1]

/// The numbers of a batch's pictures.
func numbers(_ batch: Batch) -> [Int] {
  let stride = batch.pictures.count / batch.captions.count
  return batch.captions.indices.map { Int(batch.pictures[$0 * stride]) }
}

/// A tar in memory.
struct Tar {
  private(set) var bytes: [UInt8] = []

  /// Adds a header and data.
  ///
  /// - Parameters:
  ///   - size: The size that the header claims; nil for that of the data.
  ///   - edit: A last change to the header, before its checksum.
  mutating func add(
    _ name: String, _ data: [UInt8], type: Character = "0", size: Int? = nil,
    edit: (inout [UInt8]) -> Void = { _ in }
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(String(name.prefix(100)), 0)
    put("0000644", 100)
    let octal = String(size ?? data.count, radix: 8)
    put(String(repeating: "0", count: max(0, 11 - octal.count)) + octal, 124)
    header[156] = type.asciiValue!
    put("ustar", 257)
    put("00", 263)
    edit(&header)
    header.replaceSubrange(148..<156, with: [UInt8](repeating: 32, count: 8))
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0", 148)
    bytes += header + data
    bytes += [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
  }

  mutating func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }

  mutating func addPax(_ records: [(String, String)]) {
    let text = records.map { key, value in
      let rest = " \(key)=\(value)\n"
      var length = rest.utf8.count + 1
      while "\(length)".utf8.count + rest.utf8.count != length { length += 1 }
      return "\(length)\(rest)"
    }.joined()
    add("pax", Array(text.utf8), type: "x")
  }

  /// The tar with the blocks that end it.
  var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}

/// The error that `body` throws, as a line.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch { return "\(error)" }
}
