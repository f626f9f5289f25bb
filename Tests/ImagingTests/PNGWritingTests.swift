import Foundation
import Imaging
import Testing

@Suite struct PNGWritingTests {
  @Test func roundTrip() throws {
    let image = ramp(width: 13, height: 7)
    let texts = [
      PNG.Text("prompt", "a “yellow” star ★ on\na blue background"), PNG.Text("seed", "42"),
      PNG.Text("settings", ""),
    ]
    try withTemporaryFolder { folder in
      try PNG.write(image, to: folder + "/out.png", texts: texts)
      #expect(try names(in: folder) == ["out.png"])
      let contents = try PNG.read(folder + "/out.png")
      #expect(contents.texts == texts)
      #expect(try contents.image.bytes() == image.bytes())
    }
  }

  @Test func bytesAreDeterministic() throws {
    let image = ramp(width: 64, height: 64)
    let texts = [PNG.Text("prompt", "海")]
    let first = try PNG.encode(image, texts: texts)
    #expect(try PNG.encode(image, texts: texts) == first)
    #expect(first.range(of: Data("tIME".utf8)) == nil)
  }

  @Test func replacesAFileAndFollowsALink() throws {
    try withTemporaryFolder { folder in
      try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/old.png"))
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link.png", withDestinationPath: "old.png")
      try PNG.write(ramp(width: 2, height: 2), to: folder + "/link.png")
      #expect(try names(in: folder) == ["link.png", "old.png"])
      #expect(try PNG.read(folder + "/old.png").image.width == 2)
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/link.png")
      #expect(attributes[.type] as? FileAttributeType == .typeSymbolicLink)
    }
  }

  @Test func refusesWhatIsNotFinite() throws {
    for bad in [Float.nan, .infinity, -.infinity] {
      var image = ramp(width: 5, height: 4)
      image.pixels[(2 * 5 + 3) * 3 + 1] = bad
      try withTemporaryFolder { folder in
        #expect(throws: ImageError.notFinite(x: 3, y: 2, channel: 1)) {
          try PNG.write(image, to: folder + "/out.png")
        }
        let left = try names(in: folder)
        #expect(left.isEmpty)
      }
    }
  }

  @Test(arguments: [
    "", " seed", "seed ", "a  b", "clé", "tab\t", String(repeating: "k", count: 80),
  ])
  func refusesKeyword(_ keyword: String) {
    #expect(throws: ImageError.self) {
      try PNG.encode(ramp(width: 1, height: 1), texts: [PNG.Text(keyword, "text")])
    }
  }

  @Test func refusesZeroInText() {
    #expect(throws: ImageError.self) {
      try PNG.encode(ramp(width: 1, height: 1), texts: [PNG.Text("prompt", "a\0b")])
    }
  }

  @Test func refusesTooWide() {
    let image = Image(width: PNG.maximumSide + 1, height: 1, color: SIMD3(repeating: 0))
    #expect(
      throws: ImageError.tooLarge(path: "wide.png", width: PNG.maximumSide + 1, height: 1)
    ) { try PNG.encode(image, name: "wide.png") }
  }
}
