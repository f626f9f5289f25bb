import Downloads
import Foundation
import Support
import TestSupport
import Testing

@Suite struct DownloadTests {
  /// A megabyte that is not the same anywhere.
  private static let content = Data((0..<250_000).flatMap { value -> [UInt8] in
    withUnsafeBytes(of: UInt32(value) &* 2_654_435_761, Array.init)
  })

  /// A folder to serve, one to fetch into, and the server.
  private final class Place {
    let folder: URL
    let server: FileServer

    init() throws {
      folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("tessera-downloads-\(UUID().uuidString)")
      let served = folder.appendingPathComponent("served")
      try FileManager.default.createDirectory(at: served, withIntermediateDirectories: true)
      try content.write(to: served.appendingPathComponent("file"))
      try Data().write(to: served.appendingPathComponent("nothing"))
      server = try FileServer(folder: served.path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var destination: String { folder.appendingPathComponent("file").path }

    func download(
      _ path: String, bytes: Int? = nil, sha256: String? = nil
    ) -> Download {
      Download(
        url: "\(server.url)/\(path)", destination: destination, bytes: bytes, sha256: sha256)
    }

    func write(part: Data) throws {
      try part.write(to: URL(fileURLWithPath: destination + ".part"))
    }

    /// What lies in the folder, besides what is served.
    var files: [String] {
      get throws {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          .filter { $0 != "served" }
      }
    }

    var result: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: destination)) } }
  }

  private func checksum(_ place: Place) throws -> String {
    try SHA256.ofFile(place.folder.appendingPathComponent("served/file").path)
  }

  @Test(arguments: ["ranges", "whole", "moved", "slow"])
  func aWholeFile(manner: String) throws {
    let place = try Place()
    let download = place.download(
      "\(manner)/file", bytes: Self.content.count, sha256: try checksum(place).uppercased())
    var seen: [Int] = []
    let outcome = try download.run { stage, received, total in
      if stage == .receiving { seen.append(received) }
      #expect(total == Self.content.count)
      return true
    }
    #expect(outcome == .complete)
    #expect(try place.result == Self.content)
    #expect(try place.files == ["file"])
    #expect(seen == seen.sorted() && seen.last == Self.content.count)
  }

  @Test(arguments: [("ranges", "bytes=300000-"), ("whole", "bytes=300000-")])
  func goesOnFromAPart(manner: String, range: String) throws {
    let place = try Place()
    try place.write(part: Self.content.prefix(300_000))
    let download = place.download("\(manner)/file", sha256: try checksum(place))
    #expect(try download.run() == .complete)
    #expect(try place.result == Self.content)
    #expect(try place.server.requests == ["/\(manner)/file \(range)"])
  }

  @Test func aPartThatIsWholeIsNotFetchedAgain() throws {
    let place = try Place()
    try place.write(part: Self.content)
    let known = place.download(
      "ranges/file", bytes: Self.content.count, sha256: try checksum(place))
    #expect(try known.run() == .complete)
    #expect(try place.server.requests.isEmpty)
    try FileManager.default.moveItem(
      atPath: place.destination, toPath: place.destination + ".part")
    #expect(try place.download("ranges/file").run() == .complete)
    #expect(try place.result == Self.content)
  }

  @Test func connectionsThatBreakAreTakenUpAgain() throws {
    let place = try Place()
    let download = place.download(
      "broken/file", bytes: Self.content.count, sha256: try checksum(place))
    #expect(try download.run() == .complete)
    #expect(try place.result == Self.content)
    #expect(try place.server.requests.count == 10)
    #expect(try place.server.requests.last == "/broken/file bytes=900000-")
  }

  @Test func stoppingKeepsThePart() throws {
    let place = try Place()
    let download = place.download("slow/file", sha256: try checksum(place))
    #expect(try download.run { _, received, _ in received < 250_000 } == .stopped)
    #expect(try place.files == ["file.part"])
    #expect(try download.run() == .complete)
    #expect(try place.result == Self.content)
    let second = try #require(try place.server.requests.last)
    #expect(second.hasPrefix("/slow/file bytes=") && second != "/slow/file bytes=0-")
  }

  @Test func anEmptyFile() throws {
    let place = try Place()
    #expect(try place.download("ranges/nothing", bytes: 0).run() == .complete)
    #expect(try place.result.isEmpty)
  }

  @Test func whatIsNotTheFileIsDiscarded() throws {
    let place = try Place()
    let wrong = String(repeating: "0", count: 64)
    let url = "\(place.server.url)/ranges/file"
    #expect(
      throws: DownloadError.wrongChecksum(
        url: url, sha256: try checksum(place), expected: wrong)
    ) { try place.download("ranges/file", sha256: wrong).run() }
    #expect(try place.files.isEmpty)
    #expect(throws: DownloadError.wrongSize(url: url, bytes: 1_000_000, expected: 5_000_000)) {
      try place.download("ranges/file", bytes: 5_000_000).run()
    }
    #expect(try place.files.isEmpty)
  }

  @Test func aPartOfAnotherFile() throws {
    let place = try Place()
    try place.write(part: Data(repeating: 7, count: 2_000_000))
    let download = place.download(
      "ranges/file", bytes: Self.content.count, sha256: try checksum(place))
    #expect(try download.run() == .complete)
    #expect(try place.result == Self.content)
  }

  @Test(arguments: [
    ("ranges/none", "404"), ("lying/file", "another part of the file"),
  ])
  func failures(path: String, message: String) throws {
    let place = try Place()
    if path.hasPrefix("lying") { try place.write(part: Self.content.prefix(1000)) }
    let error = #expect(throws: DownloadError.self) { try place.download(path).run() }
    #expect(error?.description.contains(message) == true, "\(error!)")
    #expect(error?.description.hasPrefix("cannot fetch \(place.server.url)/\(path): ") == true)
    #expect(error?.description.contains("kept") == false)
    #expect(try place.files.isEmpty)
  }

  @Test func nobodyAnswers() throws {
    let place = try Place()
    let download = Download(url: "http://127.0.0.1:1/file", destination: place.destination)
    let error = #expect(throws: DownloadError.self) { try download.run() }
    #expect(error?.description.contains("cannot fetch http://127.0.0.1:1/file") == true)
    let file = Download(url: "file:///etc/passwd", destination: place.destination)
    #expect(throws: DownloadError.self) { try file.run() }
    #expect(try place.files.isEmpty)
  }

  @Test func twoAtOnce() throws {
    let place = try Place()
    let download = place.download("slow/file", bytes: Self.content.count)
    var second: DownloadError?
    _ = try download.run { _, received, _ in
      if received > 0, second == nil {
        do { _ = try download.run() } catch { second = error as? DownloadError }
      }
      return true
    }
    #expect(second == .busy(file: place.destination))
    #expect(try place.result == Self.content)
  }
}
