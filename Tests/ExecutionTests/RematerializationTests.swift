import Execution
import OpenCLRuntime
import TensorGraph
import TestSupport
import Testing

/// Programs in little memory give the same bytes as in much, on every device.
@Suite struct RematerializationTests {
  @Test(arguments: 0..<6) func resultsAreTheSameToTheBit(_ seed: UInt64) throws {
    let graph = Graph.random(seed)
    for device in ComputeDevice.all() {
      let whole = try device.plan(graph)
      let expected = try run(device.compile(whole))
      var repeated = 0.0
      for percent in [80, 60, 50] {
        var limited = device
        limited.memoryLimit =
          whole.ownBytes + (whole.totalBytes - whole.ownBytes) * percent / 100
        guard let plan = try? limited.plan(graph) else { continue }
        try plan.checkMemory()
        repeated = max(repeated, plan.repeatedShare)
        #expect(try run(limited.compile(plan)) == expected, "\(percent) % on \(device)")
      }
      #expect(repeated > 0, "\(device)")
    }
  }

  /// Losses and everything else there is after three steps.
  private func run(_ executable: any Executable) throws -> [Float] {
    var losses: [Float] = []
    for _ in 0..<3 {
      try executable.step()
      losses += try executable.read("loss")
    }
    return try losses + executable.read("y") + executable.read("x")
  }

  @Test func withoutAFitTheErrorSaysWhatItTakes() throws {
    for device in ComputeDevice.all() {
      var limited = device
      limited.memoryLimit = 1 << 10
      let error = #expect(throws: ExecutionError.self) { try limited.plan(Graph.random(0)) }
      guard case .outOfMemory(_, let needed, 1 << 10) = error else {
        Issue.record("\(device): \(String(describing: error))")
        continue
      }
      limited.memoryLimit = needed
      #expect(try limited.plan(Graph.random(0)).totalBytes <= needed)
    }
  }
}
