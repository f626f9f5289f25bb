import TensorGraph
import Testing

@Suite struct RandomTests {
  /// The known answers published with Random123 (`kat_vectors`, philox4x32 10).
  @Test(arguments: [
    (
      SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
      SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
      SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
      SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func `Philox gives its published answers`(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, words: SIMD4<UInt32>
  ) {
    #expect(Philox(key: key).words(counter) == words)
  }

  private func draw(
    _ shape: Shape, seed: UInt64 = 5, purpose: UInt32 = 1, step: Float = 0, normal: Bool = false
  ) throws -> [Double] {
    let graph = Graph()
    let step = graph.fill(step, [1])
    let tensor = normal
      ? graph.randomNormal(shape, seed: seed, purpose: purpose, step: step)
      : graph.randomUniform(shape, seed: seed, purpose: purpose, step: step)
    return try graph.interpret([tensor])[0].values
  }

  @Test func `Uniform numbers are the upper bits of the words of their block`() throws {
    let values = try draw([6], seed: 0x1_0000_0002, purpose: 4, step: 3)
    let philox = Philox(key: [2, 1])
    let words = philox.words([0, 3, 4, 0])
    let next = philox.words([1, 3, 4, 0])
    #expect(values == [words.x, words.y, words.z, words.w, next.x, next.y].map {
      Double($0 >> 8) / Double(1 << 24)
    })
  }

  @Test func `Seed, purpose and step each set draws apart`() throws {
    let draws = [
      try draw([64]), try draw([64], seed: 6), try draw([64], seed: 5 + 1 << 32),
      try draw([64], purpose: 2), try draw([64], step: 1), try draw([64], step: 16_777_216),
    ]
    for (index, first) in draws.enumerated() {
      for second in draws[..<index] {
        #expect(!zip(first, second).contains { $0 == $1 })
      }
    }
    #expect(try draw([64]) == draws[0])
  }

  @Test func `A longer draw begins like a shorter one`() throws {
    #expect(try draw([40_000]).prefix(50) == draw([50])[...])
  }

  /// Single precision has vectors and functions of its own; the last block is not whole.
  @Test func `Normal numbers in single precision are the same but for rounding`() throws {
    let op = RandomNormal(shape: [1_000_005], key: RandomKey(seed: 1 << 40 + 5, purpose: 1))
    let type = try op.outputType(of: [TensorType([1])])
    let single = op.evaluate([HostTensor<Float>(shape: [1], [7])], type: type)
    let double = op.evaluate([HostTensor<Double>(shape: [1], [7])], type: type)
    let largest = (0..<single.count).map { abs(Double(single[$0]) - double[$0]) }.max()!
    #expect(largest < 1e-6)
  }

  @Test func `Moments are those of the distributions`() throws {
    let count = 1 << 18
    func moments(_ values: [Double]) -> [Double] {
      (1...4).map { power in
        values.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } }
          / Double(values.count)
      }
    }
    // Five standard errors of each moment's estimate.
    let uniform = moments(try draw([count]))
    for (power, moment) in uniform.enumerated() {
      #expect(abs(moment - 1 / Double(power + 2)) < 5 * 0.3 / Double(count).squareRoot())
    }
    let normal = moments(try draw([count], normal: true))
    for (moment, (expected, deviation)) in zip(
      normal, [(0, 1), (1, 2), (0, 15), (3, 96)] as [(Double, Double)])
    {
      #expect(abs(moment - expected) < 5 * (deviation / Double(count)).squareRoot())
    }
  }
}
