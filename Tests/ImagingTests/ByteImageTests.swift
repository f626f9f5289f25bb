import Foundation
import Imaging
import Testing

struct ByteImageTests {
  /// Decoding to bytes gives what decoding to floats gives, rounded; only pixels that are partly
  /// transparent may differ by a level, as alpha is applied before or after the rounding.
  @Test func decodesAsImageDoes() throws {
    let folder = URL(fileURLWithPath: fixture("x")).deletingLastPathComponent().path
    var count = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
      let expected = Result { () throws(ImageError) in try Image(decoding: data, name: name) }
      let found = Result { () throws(ImageError) in try ByteImage(decoding: data, name: name) }
      switch (expected, found) {
      case (.success(let image), .success(let found)):
        #expect(found.width == image.width && found.height == image.height, "\(name)")
        let differences = try zip(found.bytes, image.bytes()).map { abs(Int($0) - Int($1)) }
        #expect(differences.max()! <= 1, "\(name)")
        count += 1
      case (.failure(let expected), .failure(let found)): #expect(found == expected, "\(name)")
      default: Issue.record("\(name): \(found) instead of \(expected)")
      }
    }
    #expect(count > 30)
  }

  @Test(arguments: [(30, 20), (5, 7), (64, 3), (33, 41), (16, 41), (33, 5)])
  func resizesAsImageDoes(_ width: Int, _ height: Int) throws {
    let bytes = (0..<33 * 41 * 3).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let image = Image(width: 33, height: 41, bytes: bytes)
    for filter in [ResamplingFilter.bicubic, .lanczos] {
      let expected = try image.resized(
        width: width, height: height, by: filter, roundsToBytes: true
      ).bytes()
      let picture = ByteImage(width: 33, height: 41, bytes: bytes)
      let found = picture.resized(width: width, height: height, by: filter)
      #expect(found.width == width && found.height == height)
      let differences = zip(found.bytes, expected).map { abs(Int($0) - Int($1)) }
      #expect(differences.max()! <= 1)
      #expect(differences.count { $0 != 0 } * 100 < differences.count)
      let part = picture.resized(
        width: width, height: height, by: filter, columns: 1..<4, rows: 1..<3)
      #expect(part == found.cropped(x: 1, y: 1, width: 3, height: 2))
    }
  }

  /// Two pictures and what Pillow makes of them; Tests/Fixtures/make_resized.py wrote the file.
  @Test func resizesToTheByteAsPillow() throws {
    struct Case: Decodable {
      let width, height, newWidth, newHeight: Int
      let bytes, bicubic, lanczos: [UInt8]
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("resized.json")))
    for test in try JSONDecoder().decode([Case].self, from: data) {
      let picture = ByteImage(width: test.width, height: test.height, bytes: test.bytes)
      for (filter, expected) in [
        (ResamplingFilter.bicubic, test.bicubic), (.lanczos, test.lanczos),
      ] {
        #expect(
          picture.resized(width: test.newWidth, height: test.newHeight, by: filter).bytes
            == expected)
      }
    }
  }

  @Test func cropsAndMirrors() {
    let picture = ByteImage(width: 3, height: 2, bytes: (0..<18).map { UInt8($0) })
    #expect(
      picture.mirrored().bytes == [6, 7, 8, 3, 4, 5, 0, 1, 2, 15, 16, 17, 12, 13, 14, 9, 10, 11])
    #expect(picture.cropped(x: 1, y: 1, width: 2, height: 1).bytes == [12, 13, 14, 15, 16, 17])
  }
}
