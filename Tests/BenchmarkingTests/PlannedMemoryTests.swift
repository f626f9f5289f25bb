import Benchmarking
import Execution
import Foundation
import Guidance
import TensorGraph
import Testing

/// What a render of the models of real size needs in half precision, weights included. Planned
/// alone; what is planned is what is allocated (`ExecutableTests/thePlannedBytesAreAllocated`).
@Suite struct PlannedMemoryTests {
  @Test(arguments: [
    (512, 1_200_000_000), (1024, 3_000_000_000), (2048, 8_000_000_000),
    (4096, 24_000_000_000),
  ])
  func picturesFit(side: Int, bytes: Int) throws {
    guard var device = ComputeDevice.all().first(where: { $0.isUsable && $0.storesHalves }) else {
      return
    }
    var work = ReferenceStep(width: side, height: side)
    work.precision = .half
    // What PoCL allows on a machine of 24 GB.
    device.plannedAllocation = 1 << 33
    func plan(within limit: Int) throws -> Plan {
      device.memoryLimit = limit
      return try FittedPlan(cutouts: work.cutouts, on: device) {
        try work.graph(batches: $0)
      }.plan
    }
    let (whole, fitted) = (try plan(within: 1 << 40), try plan(within: bytes))
    #expect(fitted.totalBytes <= bytes && fitted.totalBytes > bytes / 2)
    // Repeating what was forgotten stays cheap: at most an eighth of the work.
    #expect(fitted.repeatedShare <= 0.125, "\(fitted.repeatedShare)")
    // The row of docs/memory.md.
    print(
      String(
        format: "| %d² | %.2f GB | %.2f GB | %.0f %% | %.2f |", side,
        Double(whole.totalBytes) / 1e9, Double(fitted.totalBytes) / 1e9,
        100 * fitted.repeatedShare, Double(fitted.cost.flops) / Double(whole.cost.flops)))
  }
}
