import Foundation
import Imaging
import Inference
import TestSupport
import Testing

/// A folder of pictures and a cache, which live as long as the value.
private final class Shelf {
  private let root = NSTemporaryDirectory() + "search-\(UUID().uuidString)"
  var folder: String { root + "/pictures" }
  var cache: String { root + "/cache" }
  let perceptor: Perceptor

  init() throws {
    perceptor = try Perceptor(Originals.perceptor, device: .cpu)
    try FileManager.default.createDirectory(
      atPath: folder + "/inner", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func paint(_ name: String, _ color: SIMD3<Float>) throws {
    try PNG.write(Image(width: 9, height: 12, color: color), to: "\(folder)/\(name)")
  }

  func search() throws -> PictureSearch {
    try PictureSearch(folder: folder, perceptor: perceptor, cache: cache)
  }
}

extension PictureSearch {
  fileprivate mutating func update() throws -> [Problem] { try update { _, _ in true } }
}

@Suite struct PictureSearchTests {
  private let shelf: Shelf

  init() throws {
    shelf = try Shelf()
    try shelf.paint("red.png", SIMD3(1, 0, 0))
    try shelf.paint("inner/blue.PNG", SIMD3(0, 0, 1))
    try shelf.paint("inner/green.png", SIMD3(0, 1, 0))
  }

  private func colors(_ search: PictureSearch, like color: SIMD3<Float>) throws -> [String] {
    let query = try shelf.perceptor.embed(pictures: [Image(width: 64, height: 64, color: color)])
    return search.hits(for: query[0], top: 10).map {
      URL(fileURLWithPath: $0.path).lastPathComponent
    }
  }

  /// Names that are not UTF-8 are named, names that differ in their bytes alone are two, and so are
  /// other endings of JPEG.
  @Test func namesAreBytes() throws {
    let path = shelf.folder + "/red.png"
    for name in ["caf\u{E9}.png", "cafe\u{301}.png", "a.jfif", "a.JPE"] {
      try #require(link(path, shelf.folder + "/" + name) == 0)
    }
    let latin = Array((shelf.folder + "/").utf8) + [0x63, 0xE9, 0x2E, 0x70, 0x6E, 0x67, 0]
    try #require(latin.withUnsafeBytes { link(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self)) } == 0)
    var search = try shelf.search()
    #expect(search.unlisted.count == 1 && search.unlisted[0].reason.contains("not UTF-8"))
    #expect(try search.update().isEmpty)
    #expect(search.count == 3 + 4)
    #expect(try shelf.search().outdatedCount == 0)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read anything"))
  func foldersThatCannotBeListedAreNamed() throws {
    try #require(chmod(shelf.folder + "/inner", 0) == 0)
    defer { chmod(shelf.folder + "/inner", 0o700) }
    #expect(try shelf.search().unlisted.map(\.path) == [shelf.folder + "/inner"])
  }

  @Test func findsAtAnyDepthBestFirst() throws {
    try shelf.paint(".hidden.png", SIMD3(0, 0, 1))
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: shelf.folder + "/notes.txt"))
    try FileManager.default.createSymbolicLink(
      atPath: shelf.folder + "/inner/loop", withDestinationPath: shelf.folder)
    var search = try shelf.search()
    #expect(search.outdatedCount == 3 && search.count == 0)
    #expect(try search.update().isEmpty)
    #expect(search.outdatedCount == 0 && search.count == 3)
    #expect(try colors(search, like: SIMD3(0, 0, 1)).first == "blue.PNG")
    #expect(try colors(search, like: SIMD3(1, 0, 0)).first == "red.png")
    let query = try shelf.perceptor.embed(texts: ["blue"])[0]
    #expect(search.hits(for: query, top: 2).count == 2)
    let hits = search.hits(for: query, top: 10)
    #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
  }

  @Test func onlyChangesAreEmbeddedAnew() throws {
    var first = try shelf.search()
    _ = try first.update()
    #expect(try shelf.search().outdatedCount == 0)

    try shelf.paint("red.png", SIMD3(1, 1, 0))
    try shelf.paint("white.png", SIMD3(1, 1, 1))
    try FileManager.default.removeItem(atPath: shelf.folder + "/inner/green.png")
    var second = try shelf.search()
    #expect(second.outdatedCount == 2 && second.count == 1)
    _ = try second.update()
    #expect(second.count == 3)
    #expect(try colors(second, like: SIMD3(1, 1, 0)).first == "red.png")
    #expect(try shelf.search().outdatedCount == 0)
  }

  @Test func unreadablePicturesAreNamedAndSkipped() throws {
    try Data("not a picture".utf8).write(to: URL(fileURLWithPath: shelf.folder + "/broken.jpg"))
    var search = try shelf.search()
    let problems = try search.update()
    #expect(problems.count == 1 && problems[0].path == shelf.folder + "/broken.jpg")
    #expect(problems[0].reason.contains("broken.jpg is neither a PNG nor a JPEG"))
    #expect(search.count == 3)
    #expect(try shelf.search().outdatedCount == 1)
  }

  @Test func anInterruptionKeepsWhatIsDone() throws {
    for number in 0..<40 { try shelf.paint("\(number).png", SIMD3(repeating: Float(number) / 40)) }
    var search = try shelf.search()
    #expect(search.outdatedCount == 43)
    _ = try search.update { _, _ in false }
    #expect(search.count == 32 && search.outdatedCount == 11)
    #expect(try shelf.search().outdatedCount == 11)
  }

  /// Cut short anywhere, or a byte changed: the index is made again, whatever the damage.
  @Test func aDamagedIndexIsNone() throws {
    var search = try shelf.search()
    _ = try search.update()
    let url = URL(fileURLWithPath: try #require(search.indexPath))
    let sound = try Data(contentsOf: url)
    for count in stride(from: 0, to: sound.count, by: 7) {
      try sound.prefix(count).write(to: url)
      #expect(try shelf.search().outdatedCount == 3, "\(count) bytes")
    }
    for place in stride(from: 0, to: sound.count, by: 11) {
      var damaged = sound
      damaged[place] ^= 0x40
      try damaged.write(to: url)
      #expect(try shelf.search().outdatedCount == 3, "byte \(place)")
    }
    try (sound + [0]).write(to: url)
    #expect(try shelf.search().outdatedCount == 3)
    try sound.write(to: url)
    #expect(try shelf.search().outdatedCount == 0)
  }

  @Test func anotherModelHasAnotherIndex() throws {
    var search = try shelf.search()
    _ = try search.update()
    let copy = shelf.cache + "/clip.safetensors"
    try FileManager.default.copyItem(atPath: Originals.perceptor, toPath: copy)
    let other = try PictureSearch(
      folder: shelf.folder, perceptor: Perceptor(copy, device: .cpu), cache: shelf.cache)
    #expect(other.outdatedCount == 3 && other.indexPath != search.indexPath)
  }

  @Test func anIndexThatCannotBeKeptIsAProblem() throws {
    try Data().write(to: URL(fileURLWithPath: shelf.cache))
    var search = try shelf.search()
    let problems = try search.update()
    #expect(search.count == 3)
    #expect(problems.map(\.path) == [try #require(search.indexPath)])
  }

  @Test(arguments: ["/red.png", "/none"])
  func refusesWhatIsNoFolder(name: String) throws {
    let error = try #require(throws: InferenceError.self) {
      try PictureSearch(folder: shelf.folder + name, perceptor: shelf.perceptor)
    }
    #expect(error.description.contains("cannot search \(shelf.folder + name)"))
  }
}

@Suite struct ContactSheetTests {
  @Test func cellsKeepProportions() throws {
    let shelf = try Shelf()
    let path = shelf.folder + "/wide.png"
    try PNG.write(Image(width: 600, height: 100, color: SIMD3(1, 0, 0)), to: path)
    try shelf.paint("small.png", SIMD3(0, 0, 1))
    let sheet = try ContactSheet.of([path, shelf.folder + "/small.png"], cell: 60)
    #expect(sheet.width == 60 + 8 + 60 && sheet.height == 12)
    // Ten rows of red in the middle of twelve.
    #expect(sheet[30, 0] == SIMD3(repeating: 1) && sheet[30, 1].y < 0.01 && sheet[30, 10].y < 0.01)
  }
}
