import Execution
import Foundation
import Inference
import Models
import TensorGraph
import TestSupport
import Testing
import Weights

/// Sampling with small transformers of random weights on the starter's VQGAN.
@Suite struct SamplerTests {
  private static let devices = Array(ComputeDevice.all().filter { $0.isUsable }.prefix(2))

  private static func sampler(
    _ folder: TemporaryFolder, on device: ComputeDevice, rows: Int = 2
  ) throws -> CodebookSampler {
    let path = try SmallTransformer.write(in: folder.path)
    return try CodebookSampler(
      transformer: CodebookTransformerCheckpoint(path: path),
      vqgan: VQGANCheckpoint(path: Originals.generator), rows: rows, device: device)
  }

  private static func request(_ count: Int, temperature: Float = 1) -> SamplingRequest {
    var request = SamplingRequest()
    request.conditions = (0..<count).map { [Int32($0 % 7)] }
    request.distribution.temperature = temperature
    request.seed = 3
    return request
  }

  /// The likeliest codes by keys and values that are kept are those that whole sequences give.
  @Test(arguments: devices) func theCacheChangesNothing(_ device: ComputeDevice) throws {
    let folder = try TemporaryFolder()
    let sampler = try Self.sampler(folder, on: device)
    let sampled = try sampler.codes(Self.request(2, temperature: 0))
    let c = sampler.transformer.configuration
    let graph = Graph()
    let model = try CodebookTransformer(c, ModelWeights(sampler.transformer.weights, in: graph))
    let tokens = graph.input("tokens", [c.sequenceLength], .int32)
    graph.output(
      "codes",
      model.logits(tokens: tokens, count: 1, told: 0..<c.sequenceLength)
        .reshaped([-1, c.codes]).argmax())
    let program = try device.compile(graph)
    for (number, codes) in sampled.enumerated() {
      try program.write("tokens", integers: [Int32(number)] + codes.dropLast())
      try program.step()
      #expect(try program.read("codes").map { Int32($0) } == codes)
    }
  }

  @Test(arguments: devices) func aPictureIsTheSameAmongAnyNumber(_ device: ComputeDevice) throws {
    let folder = try TemporaryFolder()
    let sampler = try Self.sampler(folder, on: device)
    let five = try sampler.codes(Self.request(5))
    #expect(Set(five).count == 5)
    #expect(try sampler.codes(Self.request(1)) == [five[0]])
    var last = Self.request(5)
    last.conditions = [last.conditions[4]]
    last.firstPicture = 4
    #expect(try sampler.codes(last) == [five[4]])
  }

  @Test func givenCodesAreKept() throws {
    let folder = try TemporaryFolder()
    let sampler = try Self.sampler(folder, on: .cpu)
    let free = try sampler.codes(Self.request(1))[0]
    var request = Self.request(1)
    request.given = free.indices.map { $0 < 6 ? 500 + Int32($0) : nil }
    let codes = try sampler.codes(request)[0]
    #expect(Array(codes[..<6]) == (500..<506).map { Int32($0) })
    #expect(codes[6...] != free[6...])
    request.given = free.indices.map { $0 < 6 ? free[$0] : nil }
    #expect(try sampler.codes(request) == [free])
  }

  /// Guidance 1 is the condition alone; more takes codes away from those of any picture.
  @Test func guidanceComparesWithAnyPicture() throws {
    let folder = try TemporaryFolder()
    let sampler = try Self.sampler(folder, on: .cpu)
    var request = Self.request(2)
    let plain = try sampler.codes(request)
    request.anyPicture = [6]
    #expect(try sampler.codes(request) == plain)
    request.guidance = 3
    #expect(try sampler.codes(request) != plain)
    request.guidance = 0
    request.conditions = [[6], [6]]
    let any = try sampler.codes(request)
    request.guidance = 1
    #expect(try sampler.codes(request) == any)
  }

  /// What stands behind a code in its window is hidden from it, so a picture does not depend on what the
  /// map held before.
  @Test(arguments: devices) func aWindowDoesNotSeeWhatFollows(_ device: ComputeDevice) throws {
    let folder = try TemporaryFolder()
    let path = try SmallTransformer.write(in: folder.path)
    let checkpoint = try CodebookTransformerCheckpoint(path: path)
    let columns = checkpoint.configuration.columns
    let program = try WindowProgram(checkpoint, .init(sequences: 1, rows: 2), on: device)
    let known: [Int32] = [1] + (0..<Int32(columns + 1)).map { $0 * 37 % 512 }
    func logits(_ rest: Int32) throws -> [Float] {
      let behind = [Int32](repeating: rest, count: columns - 2)
      return try program.logits(known + behind, column: 1)
    }
    #expect(try logits(0) == logits(511))
  }

  /// Beyond the trained size: at that size itself the window is the whole picture.
  @Test func aLargerPictureIsSampledThroughAWindow() throws {
    let folder = try TemporaryFolder()
    let sampler = try Self.sampler(folder, on: .cpu)
    var request = Self.request(2)
    (request.rows, request.columns) = (5, 6)
    let codes = try sampler.codes(request)
    #expect(codes.map(\.count) == [30, 30])
    #expect(try sampler.codes(request) == codes)
    let pictures = try sampler.pictures(ofCodes: codes, size: (5, 6))
    #expect(pictures.map(\.width) == [48, 48] && pictures.map(\.height) == [40, 40])
    request.rows = 3
    #expect(throws: InferenceError.self) { try sampler.codes(request) }
  }

  /// The first rows of a window are those of the picture, so the first codes are the same.
  @Test func aWindowAtTheCornerIsThePicture() throws {
    let folder = try TemporaryFolder()
    let sampler = try Self.sampler(folder, on: .cpu)
    var request = Self.request(1)
    let small = try sampler.codes(request)[0]
    (request.rows, request.columns) = (8, 4)
    let tall = try sampler.codes(request)[0]
    // Up to the middle of the window the code's place in it is its place in the picture.
    #expect(tall[..<12] == small[..<12])
  }

  @Test func interruptionKeepsWhatIsDone() throws {
    let folder = try TemporaryFolder()
    let sampler = try Self.sampler(folder, on: .cpu)
    var heard = 0
    let codes = try sampler.codes(
      Self.request(6), isInterrupted: { heard > 40 }, report: { heard = max(heard, $0 + 0 * $1) })
    #expect(codes.count == 2)
  }
}

@Suite struct CodeDistributionTests {
  private let logits: [Float] = [1, 3, 3, 0, 2]

  private func shares(_ distribution: CodeDistribution) -> [Double] {
    var counts = [Double](repeating: 0, count: logits.count)
    for index in 0..<10_000 {
      counts[Int(distribution.code(logits[...], unit: (Double(index) + 0.5) / 10_000))] += 1
    }
    return counts.map { $0 / 10_000 }
  }

  @Test func temperatureDividesLogits() {
    var distribution = CodeDistribution()
    distribution.temperature = 0.5
    let powers = logits.map { exp(Double($0) / 0.5) }
    for (share, power) in zip(shares(distribution), powers) {
      #expect(abs(share - power / powers.reduce(0, +)) < 2e-4)
    }
    distribution.temperature = 0
    #expect(shares(distribution) == [0, 1, 0, 0, 0])
  }

  /// Codes as likely as the last stay.
  @Test func topKKeepsTies() {
    var distribution = CodeDistribution()
    distribution.topK = 1
    #expect(shares(distribution) == [0, 0.5, 0.5, 0, 0])
    distribution.topK = 3
    #expect(shares(distribution).map { $0 > 0 } == [false, true, true, false, true])
  }

  @Test func topPKeepsTheFewest() {
    var distribution = CodeDistribution()
    distribution.topP = 0.3
    #expect(shares(distribution) == [0, 1, 0, 0, 0])
    distribution.topP = 0.75
    #expect(shares(distribution).map { $0 > 0 } == [false, true, true, false, false])
  }
}

@Suite struct SlidingWindowTests {
  /// Places by the rule of taming-transformers' `sample_conditional.py`, window 16.
  @Test func places() {
    let start = Array(0...8)
    func places(_ extent: Int) -> [Int] {
      (0..<extent).map { SlidingWindow.local($0, of: extent, window: 16) }
    }
    #expect(places(16) == Array(0..<16))
    #expect(places(17) == start + Array(8...15))
    #expect(places(24) == start + Array(repeating: 8, count: 8) + Array(9...15))
    #expect(places(40) == start + Array(repeating: 8, count: 24) + Array(9...15))
  }

  /// The window never leaves the codes.
  @Test(arguments: [(4, 4), (5, 4), (9, 4), (7, 6), (8, 8)])
  func theWindowStaysInside(_ extent: Int, _ window: Int) {
    for index in 0..<extent {
      let start = index - SlidingWindow.local(index, of: extent, window: window)
      #expect(start >= 0 && start + window <= extent, "\(index) of \(extent)")
    }
  }
}
