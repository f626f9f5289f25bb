import Execution
import Guidance
import Imaging
import TensorGraph
import TestSupport
import Testing

/// What every generator must do, on every device.
@Suite struct GeneratorTests {
  private static let side = (width: 48, height: 32)

  private static var all: [any Generator] {
    get throws {
      [try VQGANGenerator(path: Originals.generator), PixelGenerator(), FourierGenerator()]
    }
  }

  private static func picture(
    _ generator: any Generator, _ values: ParameterValues, on device: ComputeDevice
  ) throws -> [Float] {
    let graph = Graph()
    let traced = try generator.trace(in: graph, width: side.width, height: side.height)
    #expect(traced.picture.shape == [1, side.height, side.width, 3])
    graph.output("picture", traced.picture)
    let executable = try device.compile(graph)
    for (name, value) in values { try executable.write(name, value.values) }
    try executable.step()
    return try executable.read("picture")
  }

  @Test func everyNameHasItsGenerator() throws {
    #expect(Generators.names == (try Self.all).map { type(of: $0).name })
  }

  /// Pictures are in 0…1, differ by start and seed, and are the same on every device.
  @Test func startsArePictures() throws {
    for generator in try Self.all {
      let (width, height) = Self.side
      func start(_ seed: UInt64, _ number: Int) throws -> ParameterValues {
        try generator.randomStart(width: width, height: height, seed: seed, number: number)
      }
      let first = try start(1, 0)
      let cpu = try Self.picture(generator, first, on: .cpu)
      #expect(cpu.allSatisfy { (0...1).contains($0) })
      #expect(try Self.picture(generator, start(1, 1), on: .cpu) != cpu)
      #expect(try Self.picture(generator, start(2, 0), on: .cpu) != cpu)
      for device in ComputeDevice.all() {
        let picture = try Self.picture(generator, first, on: device)
        #expect(largestError(picture, cpu) <= 1e-4, "\(type(of: generator).name) on \(device)")
      }
    }
  }

  /// What a picture is encoded as gives a picture like it: exactly for pixels; the same but for its
  /// contrast for waves, and as near as its codes come for a VQGAN.
  @Test func picturesAreEncoded() throws {
    let (width, height) = Self.side
    let pixels = (0..<height * width * 3).map { index -> Float in
      let (x, y, channel) = (index / 3 % width, index / 3 / width, index % 3)
      let inside = (x - 24) * (x - 24) + (y - 16) * (y - 16) < 100
      return inside ? [0.9, 0.15, 0.1][channel] : [0.1, 0.3, 0.8][channel]
    }
    let image = Image(width: width, height: height, pixels: pixels)
    for (generator, least) in zip(try Self.all, [0.9, 1, 0.9]) {
      let values = try generator.encode(image, on: .cpu)
      let picture = try Self.picture(generator, values, on: .cpu)
      let found = Self.correlation(picture, pixels)
      #expect(found >= least - 1e-6, "\(type(of: generator).name): \(found)")
    }
  }

  private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
    func centered(_ values: [Float]) -> [Double] {
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      return values.map { Double($0) - mean }
    }
    let (a, b) = (centered(a), centered(b))
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }

  /// A few steps towards a prompt lower its loss.
  @Test func everyGeneratorIsGuided() throws {
    for name in Generators.names {
      for device in ComputeDevice.all() {
        var request = try smallRequest()
        request.generator = name
        if !Generators.readsWeights(name) { request.generatorWeights = nil }
        let session = try RenderSession(request, on: device)
        try session.step(1)
        let first = try session.descent.losses().total
        try session.step(5)
        #expect(try session.descent.losses().total < first, "\(name) on \(device)")
        #expect(try session.record().request.generator == name)
      }
    }
  }

  /// A generator's regulariser is part of the loss, and parameters have rates of their own.
  @Test func regularisersAndRatesCount() throws {
    func outcome(_ factor: Float) throws -> (loss: Float, way: Float) {
      let descent = try Descent(
        GuidanceProblem(
          Grey(learningRateFactor: factor), losses: [Distance(to: 0)], width: 4, height: 4,
          learningRate: 0.1), on: .cpu)
      try descent.begin(from: Grey().randomStart(width: 4, height: 4, seed: 0, number: 0))
      try descent.step()
      return (try descent.losses().total, 0.5 - (try descent.executable.read("grey")[0]))
    }
    let (loss, way) = try outcome(1)
    #expect(abs(loss - (0.25 + 2)) < 1e-6)
    #expect(abs(way - 0.1) < 1e-4)
    #expect(abs(try outcome(0.25).way - 0.025) < 1e-4)
  }
}

/// One brightness for all pixels, with a constant regulariser.
private struct Grey: Generator {
  static let name = "grey"
  var learningRateFactor: Float = 1
  var factor: Int { 1 }

  func trace(in graph: Graph, width: Int, height: Int) -> TracedGenerator {
    let grey = graph.variable("grey", [1], .float32, .zeros)
    let picture = grey.reshaped([1, 1, 1, 1]).broadcast(to: [1, height, width, 3])
    return TracedGenerator(
      parameters: [.init("grey", grey, learningRateFactor: learningRateFactor)], picture: picture,
      regulariser: graph.fill(2, []))
  }

  func randomStart(width: Int, height: Int, seed: UInt64, number: Int) -> ParameterValues {
    ["grey": HostTensor(shape: [1], [0.5])]
  }

  func encode(_ picture: Image, on device: ComputeDevice) -> ParameterValues { [:] }
}
