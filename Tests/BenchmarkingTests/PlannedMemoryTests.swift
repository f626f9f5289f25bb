import Benchmarking
import Execution
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
    device.memoryLimit = bytes
    // What PoCL allows on a machine of 24 GB.
    device.plannedAllocation = 1 << 33
    let step = try PlannedStep(cutouts: work.cutouts, on: device) { try work.graph(batches: $0) }
    #expect(step.plan.totalBytes <= bytes && step.plan.totalBytes > bytes / 2)
    // Repeating what was forgotten stays cheap: at most an eighth of the work.
    #expect(step.plan.repeatedShare <= 0.125, "\(step.plan.repeatedShare)")
  }
}
