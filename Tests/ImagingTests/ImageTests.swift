import Foundation
import Imaging
import Testing

@Suite struct ImageBytesTests {
  @Test func roundsHalfUpAndClamps() throws {
    // 0.5/255 is stored just above half a step, 100.5/255 exactly rounds up as well.
    let samples: [Float] = [-3, 0, 0.499 / 255, 0.5 / 255, 100.5 / 255, 0.5, 254.49 / 255, 1, 7]
    let image = Image(width: 3, height: 1, pixels: samples)
    #expect(try image.bytes() == [0, 0, 0, 1, 101, 128, 254, 255, 255])
  }

  @Test func everyByteSurvives() throws {
    let bytes = (0..<768).map { UInt8($0 / 3) }
    #expect(try Image(width: 16, height: 16, bytes: bytes).bytes() == bytes)
  }
}

@Suite struct ImageResizeTests {
  private struct Record: Decodable {
    struct Case: Decodable {
      var width: Int, height: Int, values: [Float]
    }
    var width: Int, height: Int, source: [Float], cases: [Case]
  }

  /// Pillow's Lanczos filter on float samples is an independent implementation of the same formula.
  @Test func agreesWithPillow() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("lanczos.json")))
    let record = try JSONDecoder().decode(Record.self, from: data)
    // Channel 1 runs backwards, so that mixed-up channels show.
    let image = Image(
      width: record.width, height: record.height,
      pixels: record.source.flatMap { [$0, 1 - $0, 0.25] })
    #expect(record.cases.count == 5)
    for expected in record.cases {
      let resized = image.resized(width: expected.width, height: expected.height)
      for (index, value) in expected.values.enumerated() {
        let pixel = resized[index % expected.width, index / expected.width]
        // The record has six decimals and both sum in single precision.
        #expect(abs(pixel[0] - value) < 3e-6)
        #expect(abs(pixel[1] - (1 - value)) < 3e-6)
        #expect(abs(pixel[2] - 0.25) < 1e-6)
      }
    }
  }

  @Test func sameSizeIsTheSamePicture() {
    let image = ramp(width: 9, height: 5)
    #expect(image.resized(width: 9, height: 5) == image)
  }

  @Test func fineDetailAveragesOut() {
    var image = Image(width: 96, height: 96, color: SIMD3(repeating: 0))
    for y in 0..<96 {
      for x in 0..<96 where (x + y) % 2 == 0 { image[x, y] = SIMD3(repeating: 1) }
    }
    let small = image.resized(width: 10, height: 10)
    #expect(small.pixels.allSatisfy { abs($0 - 0.5) < 0.02 })
  }

  @Test func staysWithinRange() {
    var image = Image(width: 8, height: 8, color: SIMD3(repeating: 0))
    for y in 0..<8 { for x in 4..<8 { image[x, y] = SIMD3(repeating: 1) } }
    let large = image.resized(width: 64, height: 64)
    #expect(large.pixels.min() == 0 && large.pixels.max() == 1)
  }
}

@Suite struct ContactSheetTests {
  private func plain(_ width: Int, _ height: Int, _ value: Float) -> Image {
    Image(width: width, height: height, color: SIMD3(value, 0, 0))
  }

  @Test func grid() {
    let sheet = Image.contactSheet(
      [plain(4, 3, 0.1), plain(2, 1, 0.2), plain(4, 3, 0.3)], columns: 2, gap: 2,
      background: SIMD3(0, 1, 0))
    #expect(sheet.width == 10 && sheet.height == 8)
    #expect(sheet[0, 0] == SIMD3(0.1, 0, 0) && sheet[3, 2] == SIMD3(0.1, 0, 0))
    #expect(sheet[4, 0] == SIMD3(0, 1, 0), "gap")
    #expect(sheet[7, 1] == SIMD3(0.2, 0, 0) && sheet[8, 1] == SIMD3(0.2, 0, 0), "centred")
    #expect(sheet[6, 1] == SIMD3(0, 1, 0) && sheet[7, 0] == SIMD3(0, 1, 0))
    #expect(sheet[0, 5] == SIMD3(0.3, 0, 0) && sheet[9, 7] == SIMD3(0, 1, 0))
  }

  @Test func onePictureIsItself() {
    let image = ramp(width: 5, height: 6)
    #expect(Image.contactSheet([image], columns: 4, gap: 9) == image)
  }
}
