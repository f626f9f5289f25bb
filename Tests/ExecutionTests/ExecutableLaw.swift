import Execution
import OpenCLRuntime
import TensorGraph
import TestSupport
import Testing

/// An executable on every device of this machine: the CPU path and each OpenCL device.
func executables(_ graph: Graph) throws -> [(device: String, executable: any Executable)] {
  var all: [(String, any Executable)] = [("CPU path", try CPUExecutable(graph))]
  for device in try Device.all() {
    all.append((device.description, try OpenCLExecutable(graph, on: device)))
  }
  return all
}

/// The whole test graph and its gradient, through every pass, on every device, against the
/// interpreter; twice, since a second step must not see what the first left behind.
func checkExecution(_ test: OpCase) throws {
  let graph = Graph()
  let sources = test.shapes.enumerated().map { graph.input("x\($0)", $1) }
  let output = test.build(sources)
  let weight = graph.input("weight", output.shape)
  var targets = [output]
  if test.differentiable != [] {
    let loss = (output * weight).sum(axes: Array(output.shape.indices)).reshaped([])
    let wanted = test.differentiable ?? Array(sources.indices)
    targets += graph.gradients(of: loss, withRespectTo: wanted.map { sources[$0] })
  }
  for (index, target) in targets.enumerated() { graph.output("y\(index)", target) }
  _ = try Pipeline.run(graph, verifying: true)

  var random = TestRandom(99)
  var feeds = ["weight": random.tensor(output.shape).rounded]
  for (index, input) in test.inputs().enumerated() { feeds["x\(index)"] = input.rounded }
  let expected = try graph.interpret(targets, feeds: feeds)
  for (device, executable) in try executables(graph) {
    for (name, value) in feeds where Plan.reads(name, executable) {
      try executable.write(name, value.values.map(Float.init))
    }
    for _ in 0..<2 {
      try executable.step()
      for (index, value) in expected.enumerated() {
        let computed = try executable.read("y\(index)")
        let scale = max(value.values.map(abs).max() ?? 0, 1e-30)
        let worst = zip(computed, value.values).map { abs(Double($0) - $1) }.reduce(0) {
          $1.isNaN ? .infinity : max($0, $1)
        }
        #expect(
          worst <= 4 * test.tolerance * scale, "\(test.label): y\(index) on \(device): \(worst / scale)")
      }
    }
  }
}

extension Plan {
  /// Whether a pass left the program an input of this name.
  fileprivate static func reads(_ name: String, _ executable: any Executable) -> Bool {
    executable.plan.trace.nodes.contains { $0.op is Source && $0.op.name == name }
  }
}
