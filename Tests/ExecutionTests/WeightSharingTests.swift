import Execution
import OpenCLRuntime
import Synchronization
import TensorGraph
import Testing

/// Constant values that programs share: read once, packed once, released with the last user.
@Suite struct WeightSharingTests {
  /// A weight whose reads are counted.
  private final class Weight: Sendable {
    let reads = Atomic(0)
    let identity: String?

    init(_ identity: String?) { self.identity = identity }

    /// [24,16] of `graph`.
    func tensor(in graph: Graph) -> Tensor {
      graph.constant(
        "weight", [24, 16],
        .reader(identity: identity) { [self] values in
          reads.wrappingAdd(1, ordering: .relaxed)
          for index in values.indices { values[index] = Float(index % 13) - 6 }
        })
    }

    var count: Int { reads.load(ordering: .relaxed) }
  }

  /// x·Wᵀ, of as many rows as said, and the sums of the weight's rows.
  private func graph(_ weight: Weight, rows: Int) -> Graph {
    let graph = Graph()
    let weight = weight.tensor(in: graph)
    let x = graph.input("x", [rows, 16])
    graph.output("y", x.matmul(weight.permuted([1, 0])))
    graph.output("sums", weight.sum(axes: [1]) * x.sum(axes: [0, 1]).reshaped([1, 1]))
    return graph
  }

  private func results(_ executable: any Executable, rows: Int) throws -> [Float] {
    try executable.write("x", (0..<rows * 16).map { Float($0 % 5) })
    try executable.step()
    return try executable.read("y") + executable.read("sums")
  }

  @Test func programsShareWhatTheyRead() throws {
    for device in ComputeDevice.all() {
      let weight = Weight("shared \(device.id)")
      let alone = Weight(nil)
      let expected = try results(device.compile(graph(alone, rows: 7)), rows: 7)
      let first = try device.compile(graph(weight, rows: 7))
      #expect(weight.count == 1, "\(device)")
      let second = try device.compile(graph(weight, rows: 7))
      #expect(weight.count == 1, "\(device)")
      #expect(try results(first, rows: 7) == expected, "\(device)")
      #expect(try results(second, rows: 7) == expected, "\(device)")
    }
  }

  /// Nothing outlives the programs that use it.
  @Test func weightsGoWithTheirPrograms() throws {
    for device in ComputeDevice.all() {
      let weight = Weight("gone \(device.id)")
      for count in 1...2 {
        _ = try device.compile(graph(weight, rows: 7))
        #expect(weight.count == count, "\(device)")
      }
    }
  }

  @Test func aLeaseHoldsWeightsForTheNextProgram() throws {
    for device in ComputeDevice.all() {
      let weight = Weight("leased \(device.id)")
      let plan = try device.plan(graph(weight, rows: 7))
      let lease = try device.lease(weightsOf: plan)
      let first = try results(device.compile(plan), rows: 7)
      let second = try results(device.compile(plan), rows: 7)
      #expect(weight.count == 1, "\(device)")
      #expect(first == second, "\(device)")
      withExtendedLifetime(lease) {}
    }
  }

  /// Weights that a lease holds for later make room for a program that needs it.
  @Test func leasesMakeRoom() throws {
    for var device in ComputeDevice.all() {
      let weight = Weight("evicted \(device.id)")
      let plan = try device.plan(graph(weight, rows: 7))
      let other = Graph()
      other.output("y", other.input("x", [64, 64]).softmax())
      let otherPlan = try device.plan(other)
      let lease = try device.lease(weightsOf: plan)
      _ = try device.compile(plan)
      device.memoryLimit = otherPlan.totalBytes + plan.totalBytes
      _ = try device.compile(otherPlan)
      _ = try device.compile(plan)
      #expect(weight.count == 1, "\(device)")
      device.memoryLimit = otherPlan.totalBytes
      _ = try device.compile(otherPlan)
      _ = try device.compile(plan)
      #expect(weight.count == 2, "\(device)")
      withExtendedLifetime(lease) {}
    }
  }

  /// What is shared takes memory once.
  @Test func sharedWeightsAreAllocatedOnce() throws {
    for device in try Device.all() {
      let weight = Weight("counted \(device)")
      let plan = try OpenCLExecutable.plan(graph(weight, rows: 7), on: device)
      let context = try DeviceResources.of(device).context
      let start = context.statistics.bytesAllocated
      let first = try OpenCLExecutable(plan, on: device)
      let middle = context.statistics.bytesAllocated
      let second = try OpenCLExecutable(plan, on: device)
      #expect(middle - start == plan.totalBytes)
      #expect(context.statistics.bytesAllocated - middle == plan.totalBytes - plan.weightBytes)
      #expect(plan.weightBytes >= 24 * 16 * 4)
      withExtendedLifetime((first, second)) {}
    }
  }
}
