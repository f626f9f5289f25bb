import Foundation
import Imaging
import Support
import Testing

/// The picture in the fixtures, as make_images.py defines it: sample `channel` of pixel (x, y),
/// of `levels` values.
private func pattern(_ x: Int, _ y: Int, _ channel: Int, levels: Int) -> Int {
  (x * 13 + y * 29 + channel * 71 + x * y * 3) * 257 % levels
}

/// How a fixture's file stores the pattern, so what reading it has to give.
private enum Stored: Sendable {
  case color(levels: Int, alpha: Bool)
  case gray(levels: Int, alpha: Bool)
  case grayWithTransparentLevel(levels: Int, Int)
  case palette(transparent: Bool)

  func pixel(_ x: Int, _ y: Int) -> SIMD3<Double> {
    func value(_ channel: Int, _ levels: Int) -> Double {
      Double(pattern(x, y, channel, levels: levels)) / Double(levels - 1)
    }
    switch self {
    case .color(let levels, let alpha):
      let color = SIMD3(value(0, levels), value(1, levels), value(2, levels))
      return overWhite(color, alpha ? value(3, levels) : 1)
    case .gray(let levels, let alpha):
      return overWhite(SIMD3(repeating: value(0, levels)), alpha ? value(3, levels) : 1)
    case .grayWithTransparentLevel(let levels, let transparent):
      let isTransparent = pattern(x, y, 0, levels: levels) == transparent
      return overWhite(SIMD3(repeating: value(0, levels)), isTransparent ? 0 : 1)
    case .palette(let transparent):
      let entry = Double(pattern(x, y, 0, levels: 16))
      let color = SIMD3(entry * 16, 255 - entry * 16, entry * 5) / 255
      return overWhite(color, transparent && entry < 8 ? entry * 32 / 255 : 1)
    }
  }

  private func overWhite(_ color: SIMD3<Double>, _ alpha: Double) -> SIMD3<Double> {
    color * alpha + (1 - alpha)
  }
}

@Suite struct PNGReadingTests {
  /// The orientation of an eXIf chunk is honoured, of every type that holds whole numbers, with and
  /// without JPEG's heading.
  @Test(arguments: [1, 3, 4, 6, 8, 9], [true, false])
  func orientationIsHonoured(type: UInt8, hasHeading: Bool) throws {
    var image = Image(width: 3, height: 2, color: .zero)
    image[0, 0] = SIMD3(1, 0, 0)
    let png = try PNG.encode(image)
    var exif: [UInt8] = hasHeading ? Array("Exif\0\0".utf8) : []
    exif += [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, type, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
    var chunk = Array("eXIf".utf8) + exif
    let sum = chunk.withUnsafeBytes { crc32($0) }
    func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    chunk = big(UInt32(exif.count)) + chunk + big(sum)
    // Before the picture, and after it.
    for place in [33, png.count - 12] {
      let data = Data(png[..<place] + chunk + png[place...])
      let read = try Image(decoding: data, name: "exif.png")
      #expect(read.width == 2 && read.height == 3 && read[1, 0] == SIMD3(1, 0, 0))
      let bytes = try ByteImage(decoding: data, name: "exif.png")
      #expect(bytes.width == 2 && bytes.bytes[3] == 255)
    }
  }

  @Test(arguments: [
    ("rgb8.png", Stored.color(levels: 256, alpha: false)),
    ("rgb8_interlaced.png", .color(levels: 256, alpha: false)),
    ("rgb16.png", .color(levels: 65_536, alpha: false)),
    ("rgba8.png", .color(levels: 256, alpha: true)),
    ("rgba16_interlaced.png", .color(levels: 65_536, alpha: true)),
    ("gray1.png", .gray(levels: 2, alpha: false)),
    ("gray2.png", .gray(levels: 4, alpha: false)),
    ("gray4_interlaced.png", .gray(levels: 16, alpha: false)),
    ("gray8.png", .gray(levels: 256, alpha: false)),
    ("gray16.png", .gray(levels: 65_536, alpha: false)),
    ("gray_alpha8.png", .gray(levels: 256, alpha: true)),
    ("gray2_transparent.png", .grayWithTransparentLevel(levels: 4, 2)),
    ("palette4.png", .palette(transparent: false)),
    ("palette8_transparent.png", .palette(transparent: true)),
  ])
  private func everyFormat(name: String, stored: Stored) throws {
    let image = try PNG.read(fixture(name)).image
    #expect(image.width == 11 && image.height == 9)
    for y in 0..<image.height {
      for x in 0..<image.width {
        let difference = SIMD3<Double>(image[x, y]) - stored.pixel(x, y)
        // Half a 16-bit step is 8e-6: a reader that drops the low byte fails.
        #expect((difference * difference).max() < 1e-12, "\(name) at (\(x), \(y))")
      }
    }
  }

  @Test func texts() throws {
    let contents = try PNG.read(fixture("texts.png"))
    #expect(contents.texts.map(\.keyword) == ["Title", "Comment", "prompt", "notes"])
    #expect(contents.text("Title") == "café")
    #expect(contents.text("Comment") == String(repeating: "squeezed ", count: 40))
    #expect(contents.text("prompt") == "海 at sunset")
    #expect(contents.text("notes") == String(repeating: "→ ", count: 40))
    #expect(contents.text("seed") == nil)
  }

  @Test(arguments: [
    ("truncated.png", "is truncated: its 77 bytes end before the picture does"),
    ("truncated_header.png", "is truncated"),
    ("missing_end.png", "is truncated"),
    ("bad_crc.png", "is damaged"),
    ("bad_header_crc.png", "is damaged"),
    ("bad_stream.png", "is damaged"),
    ("short_stream.png", "is damaged"),
    ("zero_width.png", "is damaged"),
    ("no_palette.png", "is damaged"),
    ("huge_side.png", "is 2000000000×2 pixels; the limits are"),
    ("huge_area.png", "is 30000×30000 pixels; the limits are"),
    ("empty.png", "is not a PNG file"),
    ("not_a_png.png", "is not a PNG file"),
    ("no_such_file.png", "no such file"),
    ("", "it is a folder"),
  ])
  func refusals(name: String, message: String) throws {
    let error = try #require(throws: ImageError.self) { try PNG.read(fixture(name)) }
    #expect(error.description.contains(message), "\(error)")
    #expect(error.description.contains(fixture(name)), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test func aDeviceIsNotRead() {
    #expect(throws: ImageError.unreadable(path: "/dev/zero", reason: "it is not a regular file")) {
      try PNG.read("/dev/zero")
    }
  }

  /// A running decoder must meet every cut and every flipped byte without a crash.
  @Test func damageAnywhere() throws {
    for name in ["rgba16_interlaced.png", "palette8_transparent.png", "texts.png"] {
      let sound = try Data(contentsOf: URL(fileURLWithPath: fixture(name)))
      for length in 0..<sound.count {
        #expect(throws: ImageError.self) { try PNG.decode(sound.prefix(length)) }
      }
      for index in sound.indices {
        var flipped = sound
        flipped[index] ^= 0x55
        do throws(ImageError) {
          _ = try PNG.decode(flipped)  // Damage to a text chunk may leave the picture readable.
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }
}
