import TensorGraph
import TestSupport
import Testing

/// What every plan must keep, checked byte by byte on random programs under every budget.
@Suite struct PlanLawTests {
  @Test(arguments: 0..<12) func everyInputIsThereWhenItIsRead(_ seed: UInt64) throws {
    let graph = Graph.random(seed)
    for usesKernels in [true, false] {
      let whole = try Plan(graph, device: .test, usesKernels: usesKernels)
      try whole.checkMemory()
      let own = whole.ownBytes
      for percent in stride(from: 95, through: 35, by: -15) {
        let budget = own + (whole.totalBytes - own) * percent / 100
        let plan = try Plan(graph, device: .test, usesKernels: usesKernels, memory: budget)
        try plan.checkMemory()
        #expect(plan.ownBytes == own)
        if plan.totalBytes <= budget { #expect(plan.repeatedShare < 0.75) }
        let again = try Plan(graph, device: .test, usesKernels: usesKernels, memory: budget)
        #expect(again.description == plan.description)
      }
    }
  }

  /// Arenas are kept below the device's limit when values are computed again, too.
  @Test func arenasStayBelowTheLimit() throws {
    let graph = Graph.random(3)
    var traits = DeviceTraits.test
    let whole = try Plan(graph, device: traits, usesKernels: true)
    let largest = whole.placements.keys.map { whole.trace.nodes[$0].type.byteCount }.max()!
    traits.maxAllocationBytes = largest * 3
    let budget = whole.totalBytes * 4 / 5
    let plan = try Plan(graph, device: traits, usesKernels: true, memory: budget)
    try plan.checkMemory()
    #expect(plan.totalBytes <= budget && plan.arenas.count > 1)
    #expect(plan.largestAllocation <= traits.maxAllocationBytes)
  }

  @Test func withoutAFitThePlanIsTheSmallest() throws {
    let graph = Graph.random(1)
    let whole = try Plan(graph, device: .test, usesKernels: true)
    let plan = try Plan(graph, device: .test, usesKernels: true, memory: 1)
    try plan.checkMemory()
    #expect(plan.totalBytes < whole.totalBytes && plan.repeatedShare > 0)
  }
}
