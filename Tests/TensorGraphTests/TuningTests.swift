import Foundation
import TensorGraph
import Testing

/// What was found for one size and what that means for others.
@Suite struct TuningTests {
  private static func work(
    _ a: Shape, _ b: Shape, transposed: Bool = false, _ scalar: ScalarType = .float32
  ) -> Tuning.Work {
    let op = MatMul(transposeA: false, transposeB: transposed)
    let output = a.dropLast() + [transposed ? b[b.count - 2] : b[b.count - 1]]
    return Computation(
      op: op, inputs: [TensorType(a, scalar), TensorType(b, scalar)],
      output: TensorType(Array(output))
    ).tuningWork
  }

  private static func entry(
    _ work: Tuning.Work, _ settings: [String: Int], kernel: String = "matmul_panels"
  ) -> Tuning.Entry {
    Tuning.Entry(
      work: work, choice: Tuning.Choice(kernel: kernel, settings: settings), seconds: 0.25,
      untunedSeconds: 0.5)
  }

  private static let small = entry(work([64, 32], [32, 48]), ["ROWS": 6, "VECTORS": 3])
  private static let large = entry(work([1024, 512], [512, 512]), ["ROWS": 12, "VECTORS": 2])

  private static var tuning: Tuning {
    var tuning = Tuning(device: "a device")
    tuning.add(small)
    tuning.add(large)
    return tuning
  }

  @Test func exactWorkIsFound() {
    #expect(Self.tuning.choice(for: Self.small.work) == Self.small.choice)
    #expect(Self.tuning.entry(for: Self.large.work)?.choice == Self.large.choice)
    #expect(Self.tuning.entry(for: Self.work([64, 32], [32, 47])) == nil)
  }

  @Test func theNearestSizeServes() {
    #expect(Self.tuning.choice(for: Self.work([70, 32], [32, 40])) == Self.small.choice)
    #expect(Self.tuning.choice(for: Self.work([600, 300], [300, 400])) == Self.large.choice)
    // More than four times as many rows.
    #expect(Self.tuning.choice(for: Self.work([257, 32], [32, 48])) == nil)
  }

  @Test func otherWorkIsNotTakenForIt() {
    #expect(Self.tuning.choice(for: Self.work([64, 32], [48, 32], transposed: true)) == nil)
    #expect(Self.tuning.choice(for: Self.work([64, 32], [32, 48], .float16)) == nil)
    #expect(Self.tuning.choice(for: Self.work([2, 64, 32], [2, 32, 48])) == nil)
  }

  @Test func anEntryReplacesTheOneBefore() {
    var tuning = Self.tuning
    tuning.add(Self.entry(Self.small.work, [:]))
    #expect(tuning.entries.count == 2)
    #expect(tuning.choice(for: Self.small.work)?.settings == [:])
  }

  @Test func itIsReadAsItWasWritten() throws {
    let data = try JSONEncoder().encode(Self.tuning)
    let read = try JSONDecoder().decode(Tuning.self, from: data)
    #expect(read.device == "a device")
    #expect(read.entries.map(\.work) == Self.tuning.entries.map(\.work))
    #expect(read.entries.map(\.choice) == Self.tuning.entries.map(\.choice))
    let halves = Self.entry(Self.work([4, 4], [4, 4], .float16), [:])
    let again = try JSONDecoder().decode(Tuning.Entry.self, from: JSONEncoder().encode(halves))
    #expect(again.work == halves.work)
  }

  @Test(arguments: ["", "3,4", "[3,4", "[3,-4]", "[3,,4]", "float64[3]", "[3]x"])
  func whatIsNoTypeIsRefused(_ text: String) {
    let json = """
      {"op": "matmul", "inputs": ["\(text)"], "output": [3], "kernel": "k", "settings": {},
       "seconds": 1, "untunedSeconds": 1}
      """
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Tuning.Entry.self, from: Data(json.utf8))
    }
  }

  // MARK: - In a plan

  /// The program of x·w + 1, whose product has an epilogue.
  private static func launch(_ tunings: [Tuning]) throws -> KernelLaunch {
    let graph = Graph()
    let (x, w) = (graph.input("x", [64, 32]), graph.input("w", [32, 48]))
    graph.output("y", x.matmul(w) + 1)
    var device = DeviceTraits.test
    device.deviceClass = .cpu
    let plan = try Plan(graph, device: device, usesKernels: true, tuning: tunings)
    return try #require(plan.loop.last?.launches.last)
  }

  @Test func aPlanUsesIt() throws {
    let untuned = try Self.launch([])
    let tuned = try Self.launch([Self.tuning])
    #expect(tuned.kernel == "matmul_panels" && tuned.defines["ROWS"] == 6)
    #expect(tuned.defines["VECTORS"] == 3 && untuned.defines["VECTORS"] == 2)
  }

  @Test func theFirstThatKnowsTheWorkDecides() throws {
    var own = Tuning(device: "this very device")
    own.add(Self.entry(Self.small.work, ["ROWS": 4, "VECTORS": 1]))
    #expect(try Self.launch([own, Self.tuning]).defines["ROWS"] == 4)
    #expect(try Self.launch([Tuning(device: "empty"), Self.tuning]).defines["ROWS"] == 6)
  }

  /// Files are edited by hand, and shipped to other devices.
  @Test(arguments: [
    ("matmul_panels", ["ROWS": 5, "VECTORS": 3]), ("matmul_panels", ["ROWS": 1_000_000]),
    ("matmul_tiled", ["GROUP": 4096, "WORK": 8, "SLAB": 16]), ("softmax_rows", [:]),
  ])
  func whatTheDeviceCannotRunIsPassedOver(_ kernel: String, _ settings: [String: Int]) throws {
    var tuning = Tuning(device: "another device")
    tuning.add(Self.entry(Self.small.work, settings, kernel: kernel))
    #expect(try Self.launch([tuning]) == Self.launch([]))
  }
}
