import Guidance
import TensorGraph
import TestSupport
import Testing

/// A configuration with every part off.
private func bare(count: Int = 4) -> CutoutConfiguration {
  CutoutConfiguration(count: count, method: "pooled", affine: .init(probability: 0), noise: 0)
}

/// Values of the cutouts of `image`, and the names of the ops that made them.
private func make(
  _ configuration: CutoutConfiguration, of image: HostTensor<Double>, side: Int = 8,
  seed: UInt64 = 3, step: Float = 0, stream: UInt32 = 0
) throws -> (values: HostTensor<Double>, ops: Set<String>) {
  let graph = Graph()
  let input = graph.input("image", image.shape)
  let batch = input.cutouts(
    configuration, side: side, seed: seed, step: graph.fill(step, [1]), stream: stream)
  let value = try graph.interpret([batch], feeds: ["image": image])[0]
  return (value, Set(graph.nodes.map(\.op.name)))
}

private func picture(_ shape: Shape = [1, 8, 8, 3]) -> HostTensor<Double> {
  var random = TestRandom(8)
  return random.tensor(shape, in: 0.1...0.9)
}

/// The cutouts of a batch [n,S,S,3], one array each.
private func split(_ batch: HostTensor<Double>) -> [[Double]] {
  let size = batch.count / batch.shape[0]
  return (0..<batch.shape[0]).map { Array(batch.values[$0 * size..<($0 + 1) * size]) }
}

@Suite struct CutoutsTests {
  @Test func `Given matrices and noise make the original's cutouts`() throws {
    let originals = try Originals("loss")
    let graph = Graph()
    // Pooling a picture to its own size leaves it as it is.
    let image = graph.input("image", [1, 64, 64, 3])
    let cutouts = image.cutouts(
      4, side: 64, matrices: graph.input("thetas", [4, 2, 3]), padding: .reflection,
      noise: graph.input("noise", [4, 64, 64, 3]))
    let value = try graph.interpret(
      [cutouts],
      feeds: [
        "image": try originals.pixels("square.pooled"),
        "thetas": try originals("square.thetas"), "noise": try originals.pixels("square.noise"),
      ])[0]
    // Pixels and noise were rounded to fp32 on the way.
    #expect(try value.relativeError(to: originals.pixels("square.cutouts")) < 1e-6)
  }

  @Test func `Parts that are off build no ops`() throws {
    let (values, ops) = try make(bare(), of: picture())
    #expect(ops.isDisjoint(with: ["grid_sample", "projective_grid", "random_uniform", "sin"]))
    #expect(split(values).allSatisfy { $0 == picture().values })
    var still = bare()
    still.affine = .init(probability: 1, rotation: 0, scale: 0, shift: 0, shear: 0)
    still.perspective = .init(probability: 1, distortion: 0)
    #expect(try make(still, of: picture()).ops == ops)
    var turned = still
    turned.affine.shift = 0.1
    let shifted = try make(turned, of: picture()).ops
    #expect(shifted.contains("grid_sample") && !shifted.contains("sin"))
  }

  @Test func `The default maps about 70 percent and adds noise to all`() throws {
    var configuration = CutoutConfiguration(count: 200)
    let image = picture()
    let noisy = split(try make(configuration, of: image).values)
    #expect(!noisy.contains(image.values))
    configuration.noise = 0
    let mapped = split(try make(configuration, of: image).values)
    let unchanged = mapped.filter { cutout in
      zip(cutout, image.values).allSatisfy { abs($0 - $1) < 1e-9 }
    }
    #expect((40...80).contains(unchanged.count))
    // Noise is drawn apart from the maps, with a deviation between 0 and 0.1 for each cutout.
    let deviations = zip(noisy, mapped).map { noisy, plain -> Double in
      let squares: [Double] = zip(noisy, plain).map { ($0 - $1) * ($0 - $1) }
      return (squares.reduce(0, +) / 192).squareRoot()
    }
    #expect(deviations.max()! < 0.125 && deviations.min()! < 0.01)
    #expect((0.04...0.06).contains(deviations.reduce(0, +) / 200))
  }

  @Test func `Seed, step and stream each make other cutouts, and the same ones again`() throws {
    let configuration = CutoutConfiguration(count: 3)
    let batches = [
      try make(configuration, of: picture()), try make(configuration, of: picture(), seed: 4),
      try make(configuration, of: picture(), step: 1),
      try make(configuration, of: picture(), stream: 1),
    ].map(\.values.values)
    #expect(Set(batches).count == 4)
    #expect(try make(configuration, of: picture()).values.values == batches[0])
  }

  @Test func `An oblong image is pooled whole`() throws {
    let image = picture([1, 16, 24, 3])
    let values = try make(bare(count: 1), of: image).values
    let corner = (0..<2).flatMap { y in (0..<3).map { x in image[(y * 24 + x) * 3] } }
    let expected = (corner.reduce(0, +) / 6 + corner.max()!) / 2
    #expect(abs(values[0] - expected) < 1e-12)
  }

  @Test func `Flipping all mirrors left to right`() throws {
    var configuration = bare(count: 2)
    configuration.flipProbability = 1
    let image = picture()
    let value = try make(configuration, of: image).values
    for pixel in 0..<64 {
      let mirrored = pixel / 8 * 8 + 7 - pixel % 8
      #expect(abs(value[3 * pixel + 1] - image[3 * mirrored + 1]) < 1e-9)
    }
  }

  @Test func `Perspective brings the moved corners back to the image's`() throws {
    let graph = Graph()
    let draws = CutoutDraws(
      graph: graph, total: 9, batch: 0..<9, seed: 2, step: graph.fill(5, [1]), stream: 0)
    let matrix = TransformMatrix.perspective(.init(probability: 0.8, distortion: 0.4), draws)
    let uniform = draws.uniform(.perspective, columns: 9)
    let values = try graph.interpret(try #require(matrix).entries + uniform)
    for cutout in 0..<9 {
      let m = values.prefix(9).map { $0[cutout] }
      let u = values.dropFirst(9).map { $0[cutout] }
      let isChosen = u[0] < 0.8
      for (corner, (x, y)) in [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].enumerated() {
        let distance = isChosen ? Double(Float(0.4)) : 0
        let (from, to) = (
          x * (1 - distance * u[1 + 2 * corner]), y * (1 - distance * u[2 + 2 * corner])
        )
        let w = m[6] * from + m[7] * to + m[8]
        #expect(abs((m[0] * from + m[1] * to + m[2]) / w - x) < 1e-9)
        #expect(abs((m[3] * from + m[4] * to + m[5]) / w - y) < 1e-9)
      }
    }
  }

  @Test func `Hue and saturation keep greys, and change colours`() throws {
    var configuration = bare(count: 5)
    configuration.colorJitter = .init(
      probability: 1, brightness: 0, contrast: 0, saturation: 0.5, hue: 1)
    let grey = HostTensor(shape: [1, 8, 8, 3], (0..<192).map { Double($0 / 3) / 64 })
    let kept = split(try make(configuration, of: grey).values)
    for cutout in kept {
      #expect(zip(cutout, grey.values).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    #expect(Set(split(try make(configuration, of: picture()).values)).count == 5)
  }

  @Test func `Brightness scales each cutout within its range`() throws {
    var configuration = bare(count: 40)
    configuration.colorJitter = .init(
      probability: 0.5, brightness: 0.3, contrast: 0, saturation: 0, hue: 0)
    let image = picture()
    let factors = split(try make(configuration, of: image).values).map { cutout in
      let factors = zip(cutout, image.values).map { $0 / $1 }
      #expect(factors.max()! - factors.min()! < 1e-9)
      return factors[0]
    }
    #expect(factors.allSatisfy { (0.7...1.3).contains($0) })
    #expect((10...30).contains(factors.count { abs($0 - 1) < 1e-9 }))
    #expect(factors.min()! < 0.9 && factors.max()! > 1.1)
  }

  @Test func `Contrast keeps the mean grey`() throws {
    var configuration = bare(count: 3)
    configuration.colorJitter = .init(
      probability: 1, brightness: 0, contrast: 0.5, saturation: 0, hue: 0)
    func grey(_ pixels: [Double]) -> Double {
      pixels.enumerated().map { [0.299, 0.587, 0.114][$0 % 3] * $1 }.reduce(0, +) / 64
    }
    for cutout in split(try make(configuration, of: picture()).values) {
      #expect(abs(grey(cutout) - grey(picture().values)) < 1e-7)
      #expect(cutout != picture().values)
    }
  }

  @Test func `Erasing leaves a rectangle of zeros of the drawn area`() throws {
    var configuration = bare(count: 30)
    configuration.erasing = .init(probability: 1, area: 0.1...0.2, ratio: 0.5...2)
    let image = picture([1, 32, 32, 3])
    for cutout in split(try make(configuration, of: image, side: 32).values) {
      let erased = (0..<1024).filter { cutout[3 * $0] == 0 }
      let (rows, columns) = (Set(erased.map { $0 / 32 }), Set(erased.map { $0 % 32 }))
      #expect(erased.count == rows.count * columns.count)
      #expect(rows.max()! - rows.min()! + 1 == rows.count)
      // A side of about ten pixels is met to one pixel.
      #expect((0.07...0.24).contains(Double(erased.count) / 1024))
      let kept = (0..<1024).filter { cutout[3 * $0] != 0 }
      #expect(kept.allSatisfy { abs(cutout[3 * $0 + 2] - image[3 * $0 + 2]) < 1e-12 })
    }
  }

  @Test func `Gradients reach the image through every part`() throws {
    let configuration = CutoutConfiguration(
      count: 3, affine: .init(probability: 1),
      perspective: .init(probability: 1), flipProbability: 0.5,
      colorJitter: .init(probability: 1), erasing: .init(probability: 1), noise: 0.1)
    try checkGradient(
      OpCase("cutouts", [[1, 7, 9, 3]], in: [0...1]) {
        $0[0].cutouts(configuration, side: 5, seed: 1, step: $0[0].graph.fill(2, [1]))
      })
  }

  private struct BadValue: Sendable, CustomTestStringConvertible {
    let name: String
    let set: @Sendable (inout CutoutConfiguration) -> Void
    var testDescription: String { name }
  }

  private static let badValues = [
    BadValue(name: "affine.probability") { $0.affine.probability = 1.5 },
    BadValue(name: "affine.rotation") { $0.affine.rotation = .nan },
    BadValue(name: "affine.scale") { $0.affine.scale = 1 },
    BadValue(name: "perspective.distortion") { $0.perspective.distortion = 0.6 },
    BadValue(name: "colorJitter.hue") { $0.colorJitter.hue = -1 },
    BadValue(name: "erasing.area") { $0.erasing.area = 0...2 },
    BadValue(name: "erasing.ratio") { $0.erasing.ratio = 0...1 },
    BadValue(name: "noise") { $0.noise = -.infinity },
  ]

  @Test(arguments: badValues) private func `A value out of range is named`(_ bad: BadValue) {
    var configuration = CutoutConfiguration()
    bad.set(&configuration)
    let error = #expect(throws: GuidanceError.self) { try configuration.validate() }
    #expect(error?.description.hasPrefix("cutouts: \(bad.name) is ") == true)
  }

  @Test(arguments: [0, -3, 1025]) func `A number of cutouts out of range is refused`(_ count: Int) {
    let error = #expect(throws: GuidanceError.self) {
      try CutoutConfiguration(count: count).validate()
    }
    #expect(error?.description == "\(count) cutouts are out of range: choose 1 to 1024")
  }
}
