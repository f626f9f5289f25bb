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

@Suite struct AtomicFileTests {
  @Test func aGoodPathIsWritableAndLeftAlone() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.checkWritable(folder + "/new.png")
      #expect(try names(in: folder).isEmpty)
      try Data("kept".utf8).write(to: URL(fileURLWithPath: folder + "/old.png"))
      try AtomicFile.checkWritable(folder + "/old.png")
      #expect(try String(contentsOfFile: folder + "/old.png", encoding: .utf8) == "kept")
    }
  }

  @Test(arguments: [
    ("missing/out.png", "there is no folder"),
    ("file/out.png", "there is no folder"),
    ("", "it names a folder"),
    ("folder", "it is a folder"),
    ("folder/", "it names a folder"),
    ("pipe", "it is not a regular file"),
    ("dangling", "it is a link that leads nowhere"),
    (String(repeating: "n", count: 300), "name too long"),
  ])
  func refusals(name: String, reason: String) throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      try FileManager.default.createDirectory(
        atPath: folder + "/folder", withIntermediateDirectories: false)
      try #require(mkfifo(folder + "/pipe", 0o600) == 0)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/dangling", withDestinationPath: "nowhere/at/all")
      let before = try names(in: folder)
      let path = folder + "/" + name
      let checked = try #require(throws: ImageError.self) { try AtomicFile.checkWritable(path) }
      #expect(checked.description.lowercased().contains(reason), "\(checked)")
      #expect(throws: checked) { try AtomicFile.write(Data([1]), to: path) }
      #expect(try names(in: folder) == before)
    }
  }

  @Test func anEmptyPath() {
    #expect(throws: ImageError.self) { try AtomicFile.checkWritable("") }
  }

  @Test(.enabled(if: access(".", W_OK) == 0, "the current folder is read-only"))
  func aRelativePath() throws {
    try AtomicFile.checkWritable("relative.png")
    #expect(!FileManager.default.fileExists(atPath: "relative.png"))
  }

  @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
  func aFolderWithoutPermission() throws {
    try withTemporaryFolder { folder in
      try #require(chmod(folder, 0o500) == 0)
      defer { chmod(folder, 0o700) }
      let error = try #require(throws: ImageError.self) {
        try AtomicFile.checkWritable(folder + "/out.png")
      }
      #expect(error.description.contains("permission denied"))
    }
  }

  @Test func systemFoldersAndDevices() {
    #expect(throws: ImageError.self) { try AtomicFile.write(Data([1]), to: "/dev/full") }
    #expect(throws: ImageError.self) { try AtomicFile.checkWritable("/proc/self/out.png") }
  }
}
