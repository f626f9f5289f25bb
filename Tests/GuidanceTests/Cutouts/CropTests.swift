import Execution
import Guidance
import TensorGraph
import TestSupport
import Testing

/// Boxes of rows (left, top, size), given to a graph as columns.
private func boxes(_ values: HostTensor<Double>, in graph: Graph) -> CropBoxes {
  let count = values.shape[0]
  func column(_ index: Int) -> Tensor {
    graph.literal((0..<count).map { Float(values[3 * $0 + index]) }, [count, 1])
  }
  return CropBoxes(left: column(0), top: column(1), size: column(2))
}

private func draws(_ graph: Graph, total: Int, batch: Range<Int>? = nil, seed: UInt64 = 5) -> CutoutDraws {
  CutoutDraws(
    graph: graph, total: total, batch: batch ?? 0..<total, seed: seed, step: graph.fill(3, [1]),
    stream: 0)
}

/// Largest distance of a mean from what is expected of `count` draws: four deviations of the mean.
private func fourSigma(_ deviation: Double, _ count: Int) -> Double {
  4 * deviation / Double(count).squareRoot()
}

@Suite struct CropTests {
  private static let filters: [(name: String, boxes: String, filter: any ResamplingFilter)] = [
    ("notebook", "boxes", LanczosBicubic()), ("average", "boxes", AdaptiveAverage()),
    ("bicubic", "places", AntialiasedBicubic()),
  ]

  /// Pillow stores the result of each of its two passes in fp32.
  @Test(arguments: filters.indices) func `Crops are those of the originals`(_ index: Int) throws {
    let (name, places, filter) = Self.filters[index]
    let originals = try Originals("cutouts")
    let graph = Graph()
    let picture = graph.input("picture", [1, 40, 52, 3])
    let crops = picture.cropped(
      to: boxes(try originals("crops.\(places)"), in: graph), side: 16, filter: filter)
    let value = try graph.interpret(
      [crops], feeds: ["picture": try originals.pixels("crops.picture")])[0]
    #expect(try value.relativeError(to: originals.pixels("crops.\(name)")) < 5e-6)
  }

  @Test(arguments: ComputeDevice.compared)
  func `Crops are the same on every device`(_ device: ComputeDevice) throws {
    let originals = try Originals("cutouts")
    let graph = Graph()
    let picture = graph.input("picture", [1, 40, 52, 3])
    for (name, places, filter) in Self.filters {
      graph.output(
        name, picture.cropped(
          to: boxes(try originals("crops.\(places)"), in: graph), side: 16, filter: filter))
    }
    let executable = try device.compile(graph)
    try executable.write("picture", try originals.channelsLast("crops.picture").values)
    try executable.step()
    for (name, _, _) in Self.filters {
      let expected = try originals.channelsLast("crops.\(name)").values
      #expect(largestError(try executable.read(name), expected) < 2e-5, "\(name)")
    }
  }

  @Test func `Boxes beyond the picture show the background`() throws {
    let graph = Graph()
    let picture = graph.input("picture", [1, 6, 12, 3])
    let box = HostTensor<Double>(shape: [1, 3], [0, -3, 12])
    let crop = picture.cropped(
      to: boxes(box, in: graph), side: 12, on: graph.fill(0.25, [1, 1, 1, 1]))
    var random = TestRandom(3)
    let pixels = random.tensor([1, 6, 12, 3], in: 0...1)
    let value = try graph.interpret([crop], feeds: ["picture": pixels])[0]
    for index in 0..<value.count {
      let row = index / 36
      let expected: Double = row >= 3 && row < 9 ? pixels[index - 108] : 0.25
      let error: Double = abs(value[index] - expected)
      #expect(error < 1e-6)
    }
  }

  /// Columns and rows are scaled alike, so that a circle stays a circle; pixray's zooms have proportions of
  /// 0.85…1.2.
  @Test(arguments: ["crops", "pixray", "original", "pytti"])
  func `Oblong pictures are not squeezed`(_ method: String) throws {
    let (height, width, side) = (32, 96, 32)
    // Values that rise by a thousandth a pixel, along x in red, along y in green; blue is the picture.
    let ramp = HostTensor<Double>(shape: [1, height, width, 3])
    for pixel in 0..<height * width {
      ramp[3 * pixel] = 0.001 * Double(pixel % width)
      ramp[3 * pixel + 1] = 0.001 * Double(pixel / width)
      ramp[3 * pixel + 2] = 1
    }
    let graph = Graph()
    let configuration = CutoutConfiguration(
      count: 20, method: method, augmentations: [], noise: 0)
    let cutouts = graph.input("picture", ramp.shape)
      .cutouts(configuration, side: side, seed: 1, step: graph.fill(1, [1]))
    let value = try graph.interpret([cutouts], feeds: ["picture": ramp])[0]
    var seen = 0
    for cutout in 0..<20 {
      func pixel(_ row: Int, _ column: Int, _ channel: Int) -> Double {
        let place: Int = (cutout * side + row) * side + column
        return value[3 * place + channel]
      }
      let isInside = [(16, 14), (16, 17), (14, 16), (17, 16)].allSatisfy { row, column in
        pixel(row, column, 2) > 0.9999
      }
      guard isInside else { continue }
      seen += 1
      let across = pixel(16, 17, 0) - pixel(16, 14, 0)
      let down = pixel(17, 16, 1) - pixel(14, 16, 1)
      let tolerance = method == "pixray" ? 0.25 : 0.1
      #expect(abs(across / down - 1) < tolerance, "\(method) \(cutout): \(across) \(down)")
    }
    #expect(seen >= 10)
  }

  @Test(arguments: CutoutMethods.names)
  func `Every method makes its cutouts in any batches`(_ method: String) throws {
    let graph = Graph()
    let picture = graph.input("picture", [1, 24, 20, 3])
    var configuration = CutoutConfiguration(count: 5, method: method)
    configuration.power = 1.5
    func cutouts(_ batch: Range<Int>?) -> Tensor {
      picture.cutouts(configuration, side: 6, seed: 9, step: graph.fill(2, [1]), batch: batch)
    }
    let batches = [nil, 0..<2, 2..<3, 3..<5].map(cutouts)
    var random = TestRandom(4)
    let pixels = random.tensor([1, 24, 20, 3], in: 0...1)
    let values = try graph.interpret(batches, feeds: ["picture": pixels]).map(\.values)
    #expect(batches[0].shape == [5, 6, 6, 3] && values[0].allSatisfy(\.isFinite))
    let inBatches: [Double] = values[1] + values[2] + values[3]
    #expect(values[0] == inBatches)
    var distinct: Set<[Double]> = []
    for cutout in 0..<5 { distinct.insert(Array(values[0][108 * cutout..<108 * cutout + 108])) }
    #expect(distinct.count == 5)
  }

  @Test(arguments: ["crops", "original", "pixray", "pytti"])
  func `Gradients reach the picture through crops`(_ method: String) throws {
    let configuration = CutoutConfiguration(
      count: 3, method: method, augmentations: [], noise: 0)
    try checkGradient(
      OpCase("crops \(method)", [[1, 9, 12, 3]], in: [0.2...0.8]) {
        $0[0].cutouts(configuration, side: 5, seed: 1, step: $0[0].graph.fill(2, [1]))
      })
  }

  @Test func `Sizes and places of crops are spread evenly`() throws {
    let (count, side, height, width) = (10_000, 16, 48, 80)
    let graph = Graph()
    let picture = graph.fill(0, [1, height, width, 3])
    let random = CropBoxes.random(in: picture, side: side, power: 1, draws(graph, total: count))
    let notebook = CropBoxes.notebook(in: picture, side: side, power: 2, draws(graph, total: count))
    let values = try graph.interpret([
      random.width, random.left, random.top, notebook.width, notebook.left, notebook.top,
    ]).map(\.values)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(count) }
    let sizes = values[0]
    #expect(sizes.allSatisfy { (16...48).contains($0) })
    #expect(abs(mean(sizes) - 32) < fourSigma(32 / 12.0.squareRoot(), count))
    for (places, extent) in [(values[1], 80.0), (values[2], 48.0)] {
      let shares: [Double] = zip(places, sizes).map { place, size in
        place / max(extent - size, 1e-6)
      }
      #expect(shares.allSatisfy { (0...1.000_001).contains($0) })
      #expect(abs(mean(shares) - 0.5) < fourSigma(1 / 12.0.squareRoot(), count))
    }
    // ⌊u²·32 + 16⌋ of a uniform u: 16 + 32 / 3, less half a pixel and what rounding adds.
    let meanSize: Double = 16 + 32.0 / 3 - 0.5
    #expect(abs(mean(values[3]) - meanSize) < fourSigma(9.6, count) + 0.1)
    for index in 0..<count {
      let (size, left, top) = (values[3][index], values[4][index], values[5][index])
      let isWhole = [size, left, top].allSatisfy { $0 == $0.rounded() }
      let isInside = left >= 0 && top >= 0 && left + size <= 80 && top + size <= 48
      #expect(isWhole && isInside)
    }
  }

  @Test func `Sizes of pytti's crops are a clipped normal number`() throws {
    let count = 10_000
    let graph = Graph()
    let picture = graph.fill(0, [1, 100, 150, 3])
    let boxes = PyttiCutouts.boxes(picture, side: 20, power: 1, draws(graph, total: count))
    let values = try graph.interpret([boxes.width, boxes.left, boxes.top]).map(\.values)
    let shares = values[0].map { $0 / 100 }
    // Of N(0.8, 0.3) a quarter, 0.2525, is above 1, and 0.0228 below 0.2.
    let atMost = Double(shares.count { $0 == 1 }) / Double(count)
    #expect(abs(atMost - 0.2525) < fourSigma(0.4344, count))
    let atLeast = Double(shares.count { $0 == 0.2 }) / Double(count)
    #expect(abs(atLeast - 0.0228) < fourSigma(0.1492, count) + 0.0022)
    for index in 0..<count {
      let (size, left, top) = (values[0][index], values[1][index], values[2][index])
      let isInside = left >= 0 && top >= 0 && left + size <= 150 && top + size <= 100
      #expect(isInside)
    }
  }

  @Test func `The automatic method crops what is large or long`() {
    func name(_ width: Int, _ height: Int, _ side: Int = 64) -> String {
      AutomaticCutouts.method(width: width, height: height, side: side).name
    }
    #expect(name(128, 128) == "pooled" && name(256, 256, 224) == "pooled")
    #expect(name(192, 128) == "pooled")
    #expect(name(384, 128) == "crops" && name(512, 512) == "crops" && name(512, 512, 224) == "crops")
  }

  @Test func `Unknown methods and powers out of range are refused`() {
    func message(_ configuration: CutoutConfiguration) -> String {
      do { try configuration.validate() } catch { return "\(error)" }
      return ""
    }
    #expect(message(CutoutConfiguration(method: "best")).contains("no cutout method 'best'; choose auto"))
    #expect(message(CutoutConfiguration(power: 0)).hasPrefix("cutouts: power is 0.0, out of range"))
  }
}
