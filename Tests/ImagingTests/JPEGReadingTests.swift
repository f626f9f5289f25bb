import Foundation
import Imaging
import Testing

/// What Pillow reads in a fixture; make_jpegs.py wrote it.
private struct Expected: Decodable {
  let width: Int
  let height: Int
  let rgb: Data
}

private func read(_ name: String) throws -> Data {
  try Data(contentsOf: URL(fileURLWithPath: fixture(name)))
}

@Suite struct JPEGReadingTests {
  private let expected: [String: Expected]

  init() throws {
    expected = try JSONDecoder().decode(
      [String: Expected].self, from: read("jpegs.json"))
  }

  private func path(_ name: String) -> String { fixture("\(name).jpg") }

  @Test(arguments: [
    "rgb", "subsampled", "progressive", "restarts", "gray", "cmyk", "one_pixel", "extraneous",
    "bad_orientation", "orientation1", "orientation2", "orientation3", "orientation4",
    "orientation5", "orientation6", "orientation7", "orientation8",
  ])
  func everyFormat(name: String) throws {
    let picture = try Image(contentsOf: path(name))
    let expected = try #require(expected[name])
    #expect(picture.width == expected.width && picture.height == expected.height)
    // Versions of libjpeg-turbo round the upsampling of colours in two ways.
    let differences = zip(try picture.bytes(), expected.rgb).map { abs(Int($0) - Int($1)) }
    #expect(differences.max()! <= (name == "subsampled" ? 2 : 1))
  }

  @Test(arguments: [
    ("truncated", "damaged_truncated.jpg is truncated: its 1248 bytes"),
    ("header_only", "is truncated"),
    ("start_only", "is truncated"),
    ("no_end", "is truncated"),
    ("bad_stream", "is damaged ("),
    ("bad_marker", "is damaged ("),
    ("zero_width", "is damaged ("),
    ("many_scans", "is damaged ("),
    ("huge", "is 65500×65500 pixels; the limits are"),
    ("lossless", "is of an unusual kind ("),
    ("12bit", "is of an unusual kind ("),
  ])
  func damaged(name: String, message: String) throws {
    let error = try #require(throws: ImageError.self) {
      try Image(contentsOf: path("damaged_\(name)"))
    }
    #expect(error.description.contains(message), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  /// Every length of a sound file cut short is refused, the whole read.
  @Test func cutAnywhere() throws {
    let data = try read("orientation6.jpg")
    for count in 0..<data.count {
      #expect(throws: ImageError.self, "\(count) bytes") { try JPEG.decode(data.prefix(count)) }
    }
    #expect(try JPEG.decode(data).width == 14)
  }

  /// Whatever a bit's flip does to the picture, it is an error or a picture.
  @Test func flippedBits() throws {
    let data = try read("orientation6.jpg")
    for place in data.indices {
      var flipped = data
      flipped[place] ^= UInt8(1 << (place % 8))
      do throws(ImageError) { _ = try JPEG.decode(flipped) } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }

  @Test func theContentTellsTheKind() throws {
    try withTemporaryFolder { folder in
      let misnamed = folder + "/picture.png"
      try FileManager.default.copyItem(atPath: path("rgb"), toPath: misnamed)
      #expect(try Image(contentsOf: misnamed).width == 21)
      #expect(throws: ImageError.self) { try Image(contentsOf: folder) }
      #expect(throws: ImageError.self) { try Image(contentsOf: folder + "/none.jpg") }
    }
    let png = fixture("rgb8.png")
    #expect(try Image(contentsOf: png) == PNG.read(png).image)
    let error = try #require(throws: ImageError.self) {
      try Image(contentsOf: fixture("jpegs.json"))
    }
    #expect(error.description.contains("neither a PNG nor a JPEG file"))
  }
}

@Suite struct CroppingTests {
  private let picture = Image(
    width: 3, height: 2, pixels: (0..<18).map { Float($0) / 18 })

  @Test func extendingRepeatsTheBorder() {
    let larger = picture.extended(width: 5, height: 3)
    #expect(larger[4, 2] == picture[2, 1])
    #expect(larger[1, 2] == picture[1, 1])
    #expect(larger.cropped(width: 3, height: 2) == picture)
    #expect(picture.cropped(width: 1, height: 2)[0, 1] == picture[0, 1])
  }

  @Test func partsOfAResizedPictureAreItsParts() {
    let whole = picture.resized(width: 9, height: 7, by: .bicubic)
    let part = picture.resized(width: 9, height: 7, by: .bicubic, columns: 2..<6, rows: 3..<7)
    for y in 0..<4 {
      for x in 0..<4 { #expect(part[x, y] == whole[x + 2, y + 3]) }
    }
  }
}
