import Benchmarking
import TensorGraph
import Testing

/// What a GPU is given of a step at 4096², planned alone.
@Suite struct LaunchTests {
  /// NVIDIA's cards take 2³¹ − 1 work-groups along the first dimension and 65,535 along the others;
  /// kernels number work-items in 32 bits; and no driver or display waits long for one launch.
  @Test func aGPUTakesEveryLaunch() throws {
    var work = ReferenceStep(width: 4096, height: 4096)
    work.precision = .half
    let traits = DeviceTraits(
      deviceClass: .gpu, computeUnits: 20, maxWorkGroupSize: 256, localMemoryBytes: 32 << 10,
      maxAllocationBytes: 1 << 40, alignment: 256)
    let plan = try Plan(work.graph(batches: 1), device: traits, usesKernels: true)
    for step in plan.setup + plan.loop {
      for launch in step.launches {
        let groups = zip(launch.global, launch.local).map { $0 / $1 }
        #expect(
          launch.global[0] <= 1 << 31 && groups.dropFirst().allSatisfy { $0 <= 65535 },
          "\(launch.kernel) \(launch.global)")
        for case .int(let value) in launch.arguments {
          #expect(Int32(exactly: value) != nil, "\(launch.kernel): \(value)")
        }
      }
    }
    let long = plan.loop.filter { $0.work.flops > 1 << 40 }
    #expect(long.count > 2 && long.allSatisfy { $0.launches.count > 8 })
  }
}
