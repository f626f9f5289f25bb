import Execution
import Foundation
import Guidance
import TensorGraph
import TestSupport
import Testing

/// Losses of the picture alone against their formulas in Double, their gradients, and every device.
@Suite struct PictureLossTests {
  private static let (height, width) = (7, 6)

  private static let losses: [(name: String, value: @Sendable (Tensor) -> Tensor)] = [
    ("smoothness", { Smoothness.value(of: $0) }), ("saturation", { Saturation.value(of: $0) }),
    ("symmetry-horizontal", { $0.asymmetry(axes: [2]) }),
    ("symmetry-vertical", { $0.asymmetry(axes: [1]) }),
    ("symmetry-point", { $0.asymmetry(axes: [1, 2]) }),
    ("edge", { EdgeColor.value(of: $0) }), ("gaussian", { Vignette.value(of: $0) }),
  ]

  /// The formulas, written out.
  private func expected(_ name: String, _ x: HostTensor<Double>) -> Double {
    let (h, w) = (Self.height, Self.width)
    func at(_ i: Int, _ j: Int, _ c: Int) -> Double { x[(i * w + j) * 3 + c] }
    let places = (0..<h).flatMap { i in (0..<w).map { (i, $0) } }
    let count = Double(h * w)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func asymmetry(_ other: (Int, Int) -> (Int, Int)) -> Double {
      mean(
        places.flatMap { i, j in
          (0..<3).map { c in
            let way = at(i, j, c) - at(other(i, j).0, other(i, j).1, c)
            return way * way
          }
        })
    }
    switch name {
    case "smoothness":
      return mean(
        places.map { i, j in
          let squares = (0..<3).reduce(0.0) { sum, c in
            let down = i + 1 < h ? at(i + 1, j, c) - at(i, j, c) : 0
            let right = j + 1 < w ? at(i, j + 1, c) - at(i, j, c) : 0
            return sum + down * down + right * right
          }
          return (squares + 1e-6).squareRoot()
        })
    case "saturation":
      let opponents = [
        places.map { at($0, $1, 0) - at($0, $1, 1) },
        places.map { 0.5 * (at($0, $1, 0) + at($0, $1, 1)) - at($0, $1, 2) },
      ]
      let means = opponents.map(mean)
      let variances = zip(opponents, means).map { values, middle in
        values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / (count - 1)
      }
      return -0.1 * ((variances[0] + variances[1] + 1e-6).squareRoot()
        + 0.3 * (means[0] * means[0] + means[1] * means[1] + 1e-6).squareRoot())
    case "symmetry-horizontal": return asymmetry { ($0, w - 1 - $1) }
    case "symmetry-vertical": return asymmetry { (h - 1 - $0, $1) }
    case "symmetry-point": return asymmetry { (h - 1 - $0, w - 1 - $1) }
    case "edge":
      func distance(_ inside: (Int, Int) -> Bool) -> Double {
        mean(
          places.filter { inside($0.0, $0.1) }.flatMap { i, j in
            (0..<3).map { (1 - at(i, j, $0)) * (1 - at(i, j, $0)) }
          })
      }
      let middle = 1..<w - 1
      return 0.1 * (distance { $1 == 0 } + distance { $1 == w - 1 }
        + distance { $0 == 0 && middle.contains($1) }
        + distance { $0 == h - 1 && middle.contains($1) } + 0.05 * distance { _, _ in true })
    default:
      func bell(_ index: Int, _ side: Int) -> Double {
        let way = (Double(index) - Double(side - 1) / 2) / (Double(side) / 5)
        return exp(-way * way / 2)
      }
      return mean(
        places.flatMap { i, j in
          (0..<3).map { abs(at(i, j, $0) - 1) * (1 - bell(i, h) * bell(j, w)) }
        })
    }
  }

  @Test func valuesAreTheFormulas() throws {
    var random = TestRandom(9)
    let picture = random.tensor([1, Self.height, Self.width, 3], in: 0...1)
    for (name, value) in Self.losses {
      let graph = Graph()
      let result = value(graph.input("picture", picture.shape))
      let computed = try graph.interpret([result], feeds: ["picture": picture])[0][0]
      #expect(abs(computed - expected(name, picture)) < 1e-7, "\(name): \(computed)")
    }
  }

  @Test func gradientsAreSlopes() throws {
    for (name, value) in Self.losses {
      try checkGradient(
        OpCase(name, [[1, 4, 5, 3]], in: [0...0.9]) { value($0[0]) }, tolerance: 1e-5)
    }
  }

  /// Each one named so in a render, on every device: its value as by the formula.
  @Test func everyDeviceHasThem() throws {
    var random = TestRandom(9)
    let picture = random.tensor([1, Self.height, Self.width, 3], in: 0...1)
    let weights = Dictionary(uniqueKeysWithValues: Self.losses.map { ($0.name, Float(1)) })
    for device in ComputeDevice.compared {
      let problem = GuidanceProblem(
        PixelGenerator(), losses: try LossTerms.weighted(weights), width: Self.width,
        height: Self.height)
      let descent = try Descent(problem, on: device)
      try descent.begin(
        from: ["pixels": HostTensor(shape: picture.shape, picture.values.map { Float($0) })])
      try descent.step()
      for term in try descent.losses().terms {
        #expect(
          abs(Double(term.value) - expected(term.name, picture)) < 1e-5, "\(term.name) on \(device)")
      }
    }
  }

  @Test func palettesAreParsed() throws {
    let palette = try Palette(parsing: "red, #0080ff:2.5")
    #expect(palette.weight == 2.5 && palette.colors.count == 2)
    #expect(palette.colors[1] == Palette.Color(red: 0, green: 128 / 255, blue: 1))
    for text in ["", "rod", "#12345", "red:x", "red:1:2", "red,,blue"] {
      #expect(throws: GuidanceError.self) { try Palette(parsing: text) }
    }
  }

  /// A tenth of the mean distance to the nearer colour.
  @Test func aPaletteIsTheNearestColour() throws {
    let palette = try Palette(parsing: "black,white")
    let picture = HostTensor<Double>(shape: [1, 1, 2, 3], [0.2, 0.2, 0.2, 0.9, 0.8, 1])
    let graph = Graph()
    let value = PaletteDistance.value(of: graph.input("picture", picture.shape), palette)
    let computed = try graph.interpret([value], feeds: ["picture": picture])[0][0]
    let expected = 0.05 * ((0.12 + 1e-6).squareRoot() + (0.05 + 1e-6).squareRoot())
    #expect(abs(computed - expected) < 1e-7)
    try checkGradient(
      OpCase("palette", [[1, 3, 4, 3]], in: [0...1]) { PaletteDistance.value(of: $0[0], palette) },
      tolerance: 1e-5)
  }

  /// A picture that a symmetry pulls at is more symmetric than another.
  @Test func symmetryShows() throws {
    func asymmetry(_ weight: Float) throws -> Float {
      var request = try smallRequest()
      (request.generator, request.generatorWeights) = (PixelGenerator.name, nil)
      request.losses[HorizontalSymmetry.name] = weight
      let session = try RenderSession(request, on: .cpu)
      try session.step(6)
      let image = try session.descent.image()
      return (0..<image.width).reduce(0) { sum, x in
        sum + abs(image.pixels[3 * x] - image.pixels[3 * (image.width - 1 - x)])
      }
    }
    #expect(try asymmetry(100) < 0.5 * asymmetry(0))
  }
}
