import Foundation
import tessera
import Testing
import TestSupport

/// `render --plan` and `--memory`.
@Suite struct PlanTests {
  private let render = [
    "render", "a red house on green", "--size", "64", "--cutouts", "4", "--device", "cpu",
  ]

  private struct Report: Decodable {
    struct Memory: Decodable {
      let available: Int
      let total: Int
      let weights: Int
      let state: Int
      let activations: [Int]
      let setup: Int
    }
    struct Work: Decodable {
      let kernels: Int
      let flops: Int
      let repeated: Double
      let seconds: Double
    }
    let size: String
    let cutouts: Int
    let batches: Int
    let memory: Memory
    let step: Work
    let search: Work?
    let steps: Int
    let seconds: Double
  }

  private func report(_ arguments: [String]) throws -> Report {
    let outcome = try tessera(render + ["--plan", "--json"] + arguments)
    try #require(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  @Test func memoryIsTheSumOfItsParts() throws {
    let report = try report([])
    let memory = report.memory
    #expect(report.size == "64x64" && report.cutouts == 4 && report.batches == 1)
    #expect(memory.total == memory.weights + memory.state + memory.activations.reduce(0, +))
    #expect(memory.setup <= memory.total && memory.total < memory.available)
    #expect(report.step.repeated == 0 && report.step.kernels > 100 && report.step.flops > 1 << 30)
    let search = try #require(report.search)
    #expect(search.flops < report.step.flops)
    #expect(report.seconds > Double(report.steps) * report.step.seconds)
  }

  @Test func thePlanFitsTheMemoryGiven() throws {
    let whole = try report(["--starts", "1"])
    #expect(whole.search == nil)
    let megabytes = (whole.memory.total - whole.memory.activations.reduce(0, +) / 10) / 1_000_000
    let small = try report(["--starts", "1", "--memory", "\(megabytes)MB"])
    #expect(small.memory.available == megabytes * 1_000_000)
    #expect(small.memory.total <= small.memory.available)
    #expect(small.step.repeated > 0 && small.step.flops > whole.step.flops)
  }

  @Test func theTextSaysIt() throws {
    let outcome = try tessera(render + ["--plan"])
    #expect(outcome.status == 0, "\(outcome)")
    for part in ["64x64, 4 cutouts", "weights", "activations", "GFLOP in", "100 steps in"] {
      #expect(outcome.output.contains(part), "\(outcome)")
    }
  }

  @Test func whatDoesNotFitIsRefusedWithAdvice() throws {
    let folder = try TemporaryFolder()
    let outcome = try tessera(
      render + ["--size", "1024", "--memory", "100MB", "-o", folder.path("out.png")])
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("tessera: 1024x1024 pixels with 4 cutouts: this needs "))
    #expect(outcome.errors.contains("may take 100.0 MB") && outcome.errors.contains(" would fit"))
    #expect(try folder.contents == [])
  }

  @Test(arguments: [
    ("8GB", 8_000_000_000), ("1.5 gib", 1_610_612_736), ("800MB", 800_000_000),
    ("512MiB", 536_870_912),
  ])
  func sizes(text: String, bytes: Int) throws {
    #expect(try MemorySize(parsing: text).bytes == bytes)
  }

  @Test(arguments: ["", "8", "GB", "-1GB", "0MB", "8TBs", "nanGB", "infGB", "1e30GB", "8 000"])
  func badSizes(text: String) {
    #expect(throws: (any Error).self) { try MemorySize(parsing: text) }
  }
}
