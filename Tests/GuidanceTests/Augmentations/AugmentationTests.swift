import Execution
import Guidance
import TensorGraph
import TestSupport
import Testing

/// A column a cutout of stored parameters [n,…].
private struct Stored {
  let values: HostTensor<Double>
  let graph: Graph

  init(_ name: String, _ originals: Originals, _ graph: Graph) throws {
    (values, self.graph) = (try originals(name), graph)
  }

  /// All of them, each [n,1], in the order of storage.
  var columns: [Tensor] {
    let count = values.shape[0]
    let width = values.count / count
    return (0..<width).map { column in
      graph.literal((0..<count).map { Float(values[$0 * width + column]) }, [count, 1])
    }
  }
}

/// An augmentation by stored parameters.
private struct Case: Sendable, CustomTestStringConvertible {
  let name: String
  let apply: @Sendable (_ x: Tensor, _ originals: Originals) throws -> Tensor

  var testDescription: String { name }

  init(_ name: String, _ apply: @escaping @Sendable (Tensor, Originals) throws -> Tensor) {
    (self.name, self.apply) = (name, apply)
  }

  /// With the columns stored as `key`.
  init(
    _ name: String, _ key: String, _ apply: @escaping @Sendable (Tensor, [Tensor]) -> Tensor
  ) {
    self.init(name) { x, originals in
      apply(x, try Stored("\(name).\(key)", originals, x.graph).columns)
    }
  }
}

@Suite struct AugmentationTests {
  private static let cases: [Case] = [
    Case("flip") { x, _ in
      FlipAugmentation(probability: 1).apply(
        to: x, CutoutDraws(
          graph: x.graph, total: 3, batch: 0..<3, seed: 1, step: x.graph.fill(1, [1]), stream: 0))
    },
    Case("noise") { x, originals in
      let noise = try originals.channelsLast("noise.noise")
      return NoiseAugmentation(probability: 1, strength: 0.3)
        .apply(to: x, noise: x.graph.literal(noise.values, noise.shape))
    },
    Case("sharpness", "factor") { x, values in
      SharpnessAugmentation(probability: 1, strength: 1).apply(to: x, factor: values[0])
    },
    Case("rotation", "degrees") { x, values in
      RotationAugmentation(probability: 1, strength: 30).apply(to: x, degrees: values[0])
    },
    Case("affine.zeros") { try affine($0, $1, .zeros) },
    Case("affine.border") { try affine($0, $1, .border) },
    Case("perspective", "moves") { x, values in
      PerspectiveAugmentation(probability: 1, strength: 0.7).apply(to: x, moves: values)
    },
    Case("resized-crop", "box") { x, box in
      ResizedCropAugmentation(probability: 1, strength: 0.1)
        .apply(to: x, left: box[0], top: box[1], width: box[2], height: box[3])
    },
    Case("erasing", "box") { x, box in
      ErasingAugmentation(probability: 1, strength: 0.4)
        .apply(to: x, left: box[0], top: box[1], width: box[2], height: box[3])
    },
    Case("crop", "shift") { x, shift in
      CropAugmentation(probability: 1, strength: 0.125).apply(to: x, shift: (shift[0], shift[1]))
    },
    Case("jitter", "factors") { x, values in
      JitterAugmentation(probability: 1, strength: 0.1).apply(
        to: x, brightness: values[0], contrast: values[1], saturation: values[2], hue: values[3])
    },
    Case("elastic") { x, originals in
      let noise = try originals("elastic.noise")
      return ElasticAugmentation(probability: 1, strength: 4)
        .apply(to: x, noise: x.graph.literal(noise.values.map(Float.init), noise.shape))
    },
    Case("spline", "moves") { spline($0, $1, followsOriginal: false) },
    Case("spline.original", "moves") { spline($0, $1, followsOriginal: true) },
  ]

  @Sendable private static func affine(
    _ x: Tensor, _ originals: Originals, _ padding: SamplePadding
  ) throws -> Tensor {
    func columns(_ key: String) throws -> [Tensor] {
      try Stored("affine.\(padding).\(key)", originals, x.graph).columns
    }
    let shifts = try columns("shifts")
    return AffineAugmentation(
      probability: 1, strength: 30, shear: 5, padding: padding, followsOriginal: false
    ).apply(
      to: x, degrees: try columns("degrees")[0], shift: (shifts[0], shifts[1]),
      shear: try columns("shear")[0])
  }

  @Sendable private static func spline(
    _ x: Tensor, _ values: [Tensor], followsOriginal: Bool
  ) -> Tensor {
    SplineAugmentation(probability: 1, strength: 0.4, followsOriginal: followsOriginal).apply(
      to: x, moves: (0..<5).map { (values[2 * $0], values[2 * $0 + 1]) })
  }

  @Test(arguments: cases) private func `Given parameters make kornia's cutouts`(_ test: Case) throws {
    let originals = try Originals("cutouts")
    let graph = Graph()
    let x = graph.input("x", [3, 24, 24, 3])
    let result = try test.apply(x, originals)
    let value = try graph.interpret(
      [result], feeds: ["x": try originals.pixels("augmentations.x")])[0]
    #expect(try value.relativeError(to: originals.pixels("\(test.name).y")) < 1e-5)
  }

  @Test(arguments: ComputeDevice.compared)
  func `Every device augments alike`(_ device: ComputeDevice) throws {
    let originals = try Originals("cutouts")
    let graph = Graph()
    let x = graph.input("x", [3, 24, 24, 3])
    for test in Self.cases { graph.output(test.name, try test.apply(x, originals)) }
    let executable = try device.compile(graph)
    try executable.write("x", try originals.channelsLast("augmentations.x").values)
    try executable.step()
    for test in Self.cases {
      let expected = try originals.channelsLast("\(test.name).y").values
      #expect(largestError(try executable.read(test.name), expected) < 1e-4, "\(test.name)")
    }
  }

  private static func make(
    _ name: String, probability: Float = 1, followsOriginal: Bool = false
  ) -> any Augmentation {
    let type = Augmentations.known.first { $0.name == name }!
    return type.init(
      probability: probability,
      strength: followsOriginal ? type.originalStrength : type.strength,
      followsOriginal: followsOriginal)
  }

  private static func draws(_ graph: Graph, _ count: Int) -> CutoutDraws {
    CutoutDraws(
      graph: graph, total: count, batch: 0..<count, seed: 11, step: graph.fill(4, [1]), stream: 0
    ).augmentation(0)
  }

  @Test(arguments: Augmentations.names)
  func `Gradients reach the cutouts through every augmentation`(_ name: String) throws {
    try checkGradient(
      OpCase(name, [[2, 6, 6, 3]], in: [0.3...0.7]) {
        Self.make(name).apply(to: $0[0], Self.draws($0[0].graph, 2))
      }, step: 1e-6, tolerance: 1e-5)
  }

  @Test(arguments: Augmentations.names)
  func `Cutouts that are not chosen stay as they are`(_ name: String) throws {
    let graph = Graph()
    let x = graph.input("x", [40, 8, 8, 3])
    let augmentation = Self.make(name, probability: 0.5)
    let chosen = augmentation.parameters(Self.draws(graph, 40), side: 8).isChosen
    var random = TestRandom(5)
    let pixels = random.tensor([40, 8, 8, 3], in: 0.1...0.9)
    let values = try graph.interpret(
      [augmentation.apply(to: x, Self.draws(graph, 40)), chosen], feeds: ["x": pixels])
    for cutout in 0..<40 where values[1][cutout] == 0 {
      let range = cutout * 192..<(cutout + 1) * 192
      #expect(Array(values[0].values[range]) == Array(pixels.values[range]))
    }
    #expect((8...32).contains(values[1].values.count { $0 != 0 }))
  }

  /// Uniform distributions of the parameters, by their ranges.
  private static let ranges: [(name: String, isOriginal: Bool, ranges: [ClosedRange<Double>])] = [
    ("sharpness", false, [1...2]), ("sharpness", true, [0...0.3]),
    ("rotation", false, [-15...15]),
    ("affine", false, [-15...15, -10...10, -10...10, -5...5]),
    ("affine", true, [-15...15, 0...0, -10...10, -5...5]),
    ("perspective", false, Array(repeating: 0...35, count: 8)),
    ("spline", false, Array(repeating: -0.2...0.2, count: 10)),
    ("jitter", false, [0.9...1.1, 0.9...1.1, 0.9...1.1, -0.1...0.1]),
    ("flip", false, []), ("noise", false, []), ("elastic", false, []),
  ]

  @Test(arguments: ranges.indices)
  func `Ten thousand draws have the stated distribution`(_ index: Int) throws {
    let (name, isOriginal, ranges) = Self.ranges[index]
    let count = 10_000
    let graph = Graph()
    let drawn = Self.make(name, probability: 0.7, followsOriginal: isOriginal)
      .parameters(Self.draws(graph, count), side: 100)
    let values = try graph.interpret([drawn.isChosen] + drawn.values).map(\.values)
    let share = values[0].reduce(0, +) / Double(count)
    let shareDeviation: Double = (0.7 * 0.3 / Double(count)).squareRoot()
    #expect(abs(share - 0.7) < 4 * shareDeviation)
    #expect(values.count == ranges.count + 1)
    for (values, range) in zip(values.dropFirst(), ranges) {
      let width = range.upperBound - range.lowerBound
      let slack: Double = 1e-5 * max(1, width)
      let (least, most) = (range.lowerBound - slack, range.upperBound + slack)
      #expect(values.allSatisfy { (least...most).contains($0) })
      let mean: Double = values.reduce(0, +) / Double(count)
      let deviation: Double = width / 12.0.squareRoot()
      let middle: Double = (range.lowerBound + range.upperBound) / 2
      #expect(abs(mean - middle) <= 4 * deviation / 100 + slack)
      var square: Double = 0
      for value in values { square += (value - middle) * (value - middle) / Double(count) }
      // The fourth moment of a uniform number makes its square's deviation √(4/45)·(w/2)².
      let squareDeviation: Double = (4.0 / 45).squareRoot() * width * width / 4
      let difference: Double = abs(square - deviation * deviation)
      #expect(difference <= 4 * squareDeviation / 100 + slack)
    }
  }

  @Test(arguments: [("erasing", 0.1, 0.4), ("resized-crop", 0.1, 1.0)])
  func `Rectangles have the stated areas and proportions`(
    _ name: String, _ least: Double, _ most: Double
  ) throws {
    let (count, side) = (10_000, 100.0)
    let graph = Graph()
    let drawn = Self.make(name).parameters(Self.draws(graph, count), side: Int(side))
    let values = try graph.interpret(drawn.values).map(\.values)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(count) }
    let areas = values[4].map { $0 / (side * side) }
    let (lowest, highest) = (least - 1e-6, most + 1e-6)
    #expect(areas.allSatisfy { (lowest...highest).contains($0) })
    let deviation: Double = (most - least) / 12.0.squareRoot()
    let middle: Double = (least + most) / 2
    #expect(abs(mean(areas) - middle) < 4 * deviation / 100)
    // Evenly on both sides of 1; a logarithmic scale from ¾ to 4/3 has 1 in its middle, nearly.
    let below = Double(values[5].count { $0 < 1 }) / Double(count)
    #expect(abs(below - 0.5) < 0.02)
    for index in 0..<count {
      let (left, top, width, height) = (
        values[0][index], values[1][index], values[2][index], values[3][index]
      )
      #expect([left, top, width, height].allSatisfy { $0 == $0.rounded() && $0 >= 0 })
      let isInside = width >= 1 && height >= 1 && left + width <= side && top + height <= side
      #expect(isInside)
    }
  }

  @Test func `Choices are read as they are written`() throws {
    let choice = try AugmentationChoice(parsing: "affine:0.5:20")
    #expect(choice == (try AugmentationChoice("affine", probability: 0.5, strength: 20)))
    let plain = try AugmentationChoice(parsing: "jitter")
    #expect(plain.probability == 0.7 && plain.strength == nil && !plain.followsOriginal)
    let code = try AugmentationChoice(parsing: "Sh")
    #expect(code.name == "sharpness" && code.followsOriginal && code.probability == 0.5)
    for (text, part) in [
      ("affin", "no augmentation 'affin'; choose jitter"), ("affine:2", "probability of affine is 2.0"),
      ("affine:0.5:500", "strength of affine is 500.0: choose 0.0 to 180.0"),
      ("affine:x", "'affine:x' is not understood"), ("", "no augmentation ''"),
      ("affine:0.5:nan", "strength of affine is nan"), ("affine:1:1:1", "not understood"),
    ] {
      let error = #expect(throws: GuidanceError.self) { try AugmentationChoice(parsing: text) }
      #expect(error?.description.contains(part) == true, "\(text): \(error?.description ?? "")")
    }
  }
}
