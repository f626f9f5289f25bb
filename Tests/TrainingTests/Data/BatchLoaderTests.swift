import Foundation
import Imaging
import Testing
import Training

struct BatchLoaderTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  /// 23 pictures larger than the crop, with three captions each.
  private func write() throws -> TrainingData {
    for number in 0..<23 {
      var image = Image(width: 40, height: 30, color: [0, 0, 0])
      for x in 0..<40 {
        for y in 0..<30 { image[x, y] = [Float(x) / 40, Float(y) / 30, Float(number) / 23] }
      }
      try folder.write(
        number == 7 ? damagedPNG : Array(PNG.encode(image)), String(format: "%02d.png", number))
      try folder.write(
        "a \(number)\nb \(number)\nc \(number)\n", String(format: "%02d.txt", number))
    }
    return try TrainingData(folder.path)
  }

  private func batches(
    _ data: TrainingData, _ steps: Range<Int>, seed: UInt64 = 5, readers: Int = 1,
    cacheBytes: Int = 1 << 20, crop: PictureCrop = .random(scale: 0.8...1, flips: true)
  ) throws -> [Batch] {
    let loader = try BatchLoader(
      data, size: 12, batch: 4, seed: seed, crop: crop, startingAt: steps.lowerBound,
      readers: readers, cacheBytes: cacheBytes)
    return try steps.map { _ in try loader.next() }
  }

  @Test func batchesDependOnNothingElse() throws {
    let data = try write()
    let all = try batches(data, 0..<17)
    for readers in 2...3 { #expect(try batches(data, 0..<17, readers: readers) == all) }
    for step in [1, 5, 6, 11] {
      #expect(try batches(data, step..<17, readers: 2) == Array(all[step...]))
    }
    #expect(try batches(data, 0..<17, cacheBytes: 0) == all)
    #expect(try batches(data, 0..<17, cacheBytes: 20_000) == all)
    #expect(try batches(data, 0..<1, seed: 6) != Array(all[..<1]))
    #expect(all.allSatisfy { $0.pictures.count == 4 * 12 * 12 * 3 && $0.captions.count == 4 })
  }

  @Test func captionsGoWithTheirPictures() throws {
    let data = try write()
    for batch in try batches(data, 0..<17, crop: .center) {
      for (index, caption) in batch.captions.enumerated() {
        let blue = Int(batch.pictures[index * 12 * 12 * 3 + 2])
        let number = Int((Double(blue) / 255 * 23).rounded())
        #expect(caption.split(separator: " ")[1] == "\(number)")
      }
    }
    let drawn = Set(try batches(data, 0..<40, crop: .center).flatMap(\.captions).map(\.first!))
    #expect(drawn == ["a", "b", "c"])
  }

  @Test func epochsAreShuffledAndWhole() throws {
    try folder.writePictures(18)
    let loader = try BatchLoader(
      TrainingData(folder.path), size: 8, batch: 4, seed: 1, crop: .center, readers: 3)
    var epochs: [[Int]] = []
    for _ in 0..<300 {
      epochs.append(try (0..<4).flatMap { _ in numbers(try loader.next()) })
    }
    #expect(epochs.allSatisfy { Set($0).count == 16 })
    #expect(Set(epochs).count == 300)
    // Each of 18 pictures is in an epoch by 16/18, and is its first by 1/18.
    var (seen, first) = ([Int](repeating: 0, count: 18), [Int](repeating: 0, count: 18))
    for epoch in epochs {
      first[epoch[0]] += 1
      for number in epoch { seen[number] += 1 }
    }
    // Four standard deviations: 300 · p · (1 − p), p = 16/18 and 1/18.
    #expect(seen.allSatisfy { abs(Double($0) - 266.7) < 4 * 5.45 })
    #expect(first.allSatisfy { abs(Double($0) - 16.7) < 4 * 3.97 })
  }

  @Test func damagedPicturesGiveTheirPlaceToTheNext() throws {
    try folder.writePictures(20, damaged: [3])
    let data = try TrainingData(folder.path)
    let whole = try TestFolder()
    try whole.writePictures(20)
    let sound = try BatchLoader(
      TrainingData(whole.path), size: 8, batch: 4, seed: 2, crop: .center)
    let loader = try BatchLoader(data, size: 8, batch: 4, seed: 2, crop: .center, readers: 2)
    var order: [Int] = []
    var batches: [[Int]] = []
    for _ in 0..<5 {
      order += numbers(try sound.next())
      batches.append(numbers(try loader.next()))
    }
    for (index, batch) in batches.enumerated() {
      let next = order[(index * 4 + 4) % 20]
      #expect(batch == order[index * 4..<index * 4 + 4].map { $0 == 3 ? next : $0 })
    }
    for _ in 0..<20 { _ = try loader.next() }
    #expect(loader.skipped.map(\.name) == ["003.png"])
    #expect(loader.skipped[0].reason.contains("truncated"))
    #expect(loader.skippedCount == 5)
  }

  @Test func tooManyDamaged() throws {
    try folder.writePictures(20, damaged: [3, 4, 5])
    let loader = try BatchLoader(
      TrainingData(folder.path), size: 8, batch: 4, seed: 2, crop: .center)
    let text = message { for _ in 0..<20 { _ = try loader.next() } }
    #expect(text.contains("pictures read are damaged, more than a tenth; the last is"))
    #expect(message { _ = try loader.next() } == text)
    #expect(Set(loader.skipped.map(\.name)) == ["003.png", "004.png", "005.png"])
  }

  @Test func noneGood() throws {
    try folder.writePictures(6, damaged: Set(0..<6))
    let data = try TrainingData(folder.path)
    let loader = try BatchLoader(data, size: 8, batch: 2, seed: 2, crop: .center)
    #expect(message { _ = try loader.next() }.contains("has no good picture to fill a batch with"))
  }

  @Test func refusals() throws {
    try folder.writePictures(3)
    let data = try TrainingData(folder.path)
    #expect(
      message { _ = try BatchLoader(data, size: 8, batch: 4, seed: 1, crop: .center) }
        == "\(folder.path) has 3 pictures, fewer than a batch of 4; choose a smaller --batch or add "
        + "pictures")
  }

  @Test func stopping() throws {
    try folder.writePictures(10)
    let loader = try BatchLoader(
      TrainingData(folder.path), size: 8, batch: 4, seed: 2, crop: .center, readers: 3)
    _ = try loader.next()
    loader.stop()
    loader.stop()
    #expect(message { _ = try loader.next() }.contains("stopped"))
    #expect(loader.waited > .zero)
  }
}

struct PictureCropTests {
  /// 64×32: left half black, right half white, one red row at the bottom.
  private func sample(_ crop: PictureCrop, size: Int, seed: UInt64 = 0) throws -> [UInt8] {
    let folder = try TestFolder()
    var image = Image(width: 64, height: 32, color: [0, 0, 0])
    for x in 32..<64 { for y in 0..<32 { image[x, y] = [1, 1, 1] } }
    try folder.write(Array(PNG.encode(image)), "a.png")
    return try TrainingData(folder.path).sample(1, size: size, crop: crop, seed: seed).pictures
  }

  @Test func centerKeepsTheMiddle() throws {
    let picture = try sample(.center, size: 32)
    for row in 0..<32 {
      #expect(picture[row * 96] == 0 && picture[row * 96 + 15 * 3] == 0)
      #expect(picture[row * 96 + 16 * 3] == 255 && picture[row * 96 + 95] == 255)
    }
    let small = try sample(.center, size: 8)
    #expect(small.count == 8 * 8 * 3 && small[0] == 0 && small[21] == 255)
  }

  @Test func wholeIsLaidOnItsBackground() throws {
    let picture = try sample(.whole(background: [1, 2, 3]), size: 16)
    for row in 0..<16 {
      let pixel = Array(picture[row * 48..<row * 48 + 3])
      #expect(pixel == (4..<12 ~= row ? [0, 0, 0] : [1, 2, 3]))
    }
  }

  @Test func randomCropsDiffer() throws {
    let crops = try (0..<20).map {
      try sample(.random(scale: 0.5...0.9, flips: true), size: 16, seed: $0)
    }
    #expect(Set(crops).count > 8)
    #expect(crops.allSatisfy { $0.count == 16 * 16 * 3 })
    // By mirroring, white is on the left in some.
    #expect(crops.contains { $0[0] == 255 && $0[45] == 0 })
    #expect(crops.contains { $0[0] == 0 && $0[45] == 255 })
    #expect(try sample(.openCLIP, size: 16, seed: 3) == sample(.openCLIP, size: 16, seed: 3))
  }

  @Test func extremeProportions() throws {
    let folder = try TestFolder()
    try folder.write(png(200, width: 500, height: 1), "a.png")
    let data = try TrainingData(folder.path)
    for crop in [PictureCrop.center, .openCLIP, .whole(background: [0, 0, 0])] {
      #expect(try data.sample(1, size: 8, crop: crop).pictures.count == 8 * 8 * 3)
    }
  }

  @Test func transparentPixelsAreWhite() throws {
    let folder = try TestFolder()
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/images/palette8_transparent.png").path
    try FileManager.default.copyItem(atPath: fixtures, toPath: folder.path + "/a.png")
    let image = try Image(contentsOf: fixtures)
    let side = min(image.width, image.height)
    let batch = try TrainingData(folder.path).sample(1, size: side)
    #expect(batch.pictures[0] == (try image.bytes())[(image.width - side) / 2 * 3])
  }
}
