import TensorGraph
import TestSupport
import Testing

/// The kernels of a GPU that may be given to it in several launches, in one and in three: the same
/// bits on every device.
func checkParts(_ test: OpCase) throws {
  var divided = 0
  for computation in try KernelCheck.all(of: test, .full) {
    for bench in KernelBench.all {
      var traits = DeviceTraits(bench.device)
      traits.deviceClass = .gpu
      let context = computation.context(traits)
      guard let variant = computation.op.variants.first(where: { $0.accepts(context) }) else {
        continue
      }
      var plan = variant.plan(context).compiled(for: context)
      guard plan.launches.contains(where: { $0.divided(into: 3).count > 1 }) else { continue }
      func run() throws -> [Double] {
        try bench.run(plan, inputs: computation.inputs, output: computation.output)
      }
      let whole = try run()
      plan.launches = plan.launches.flatMap { $0.divided(into: 3) }
      #expect(try run() == whole, "\(test.label): \(variant.name) on \(bench.device)")
      divided += 1
    }
  }
  #expect(divided > 0 || KernelBench.all.isEmpty, "\(test.label) has no kernel to divide")
}
