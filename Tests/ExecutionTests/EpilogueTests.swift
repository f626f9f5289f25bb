import Execution
import OpenCLRuntime
import TensorGraph
import TestSupport
import Testing

/// Pointwise programs inside other kernels: every variant that applies one, on every device, for the
/// device classes that suit it, against the reference in Double.
@Suite(.serialized) struct EpilogueTests {
  static let cases = (OpCase.matmul + OpCase.convolution + OpCase.largeConvolution)
    .filter { $0.label.contains("residual") }

  @Test(arguments: cases) func epilogue(_ test: OpCase) throws {
    let graph = Graph()
    let sources = test.shapes.enumerated().map { graph.input("x\($0)", $1) }
    graph.output("y", test.build(sources))
    let trace = try Pipeline.run(graph)
    let nodes = trace.nodes
    let id = try #require(nodes.indices.first { nodes[$0].epilogue != nil })
    let fused = trace.computation(of: id)
    let types = fused.inputs
    #expect(nodes.filter { !($0.op is Source || $0.op is Reshape) }.count == 1)

    var random = TestRandom(5)
    let values = types.map { random.tensor($0.shape).rounded }
    let expected = fused.evaluate(values).values
    let scale = expected.map(abs).max() ?? 0
    for device in try Device.all() {
      let bench = try KernelBench(device)
      for deviceClass in bench.classes {
        var traits = DeviceTraits(device)
        traits.deviceClass = deviceClass
        let context = fused.context(on: traits)
        let variants = fused.variants.filter { $0.accepts(context) }
        // These take some of the shapes only.
        let special = ["conv2d_winograd", "conv2d_winograd_panels", "conv2d_dots"]
        let usual = variants.count { !special.contains($0.name) }
        #expect(usual == (deviceClass == .gpu ? 1 : 2))
        for variant in variants {
          let inputs = values.map { ($0, ScalarType.float32) }
          let computed = try bench.run(variant.plan(context), inputs: inputs, output: fused.output)
          let isClose = zip(computed, expected).allSatisfy {
            abs($0 - $1) <= test.tolerance * scale
          }
          #expect(isClose, "\(test.label): \(variant.name) (\(deviceClass)) on \(device)")
        }
      }
    }
  }
}
