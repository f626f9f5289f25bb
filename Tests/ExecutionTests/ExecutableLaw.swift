import Execution
import OpenCLRuntime
import TensorGraph
import TestSupport
import Testing

/// An executable on every device of this machine: the CPU path and each OpenCL device.
func executables(_ graph: Graph) throws -> [(device: String, executable: any Executable)] {
  var all: [(String, any Executable)] = [("CPU path", try CPUExecutable(CPUExecutable.plan(graph)))]
  for device in try Device.all() {
    let plan = try OpenCLExecutable.plan(graph, on: device)
    all.append((device.description, try OpenCLExecutable(plan, on: device)))
  }
  return all
}

/// The whole test graph and its gradient, through every pass, on every device, against the
/// interpreter; twice, since a second step must not see what the first left behind.
func checkExecution(_ test: OpCase) throws {
  let traced = TracedCase(test)
  let (graph, targets, feeds) = (traced.graph, traced.targets, traced.feeds)
  for (index, target) in targets.enumerated() { graph.output("y\(index)", target) }
  _ = try Pipeline.run(graph, verifying: true)
  let expected = try graph.interpret(targets, feeds: feeds)
  for (device, executable) in try executables(graph) {
    for (name, value) in feeds where Plan.reads(name, executable) {
      try executable.write(name, value.values.map(Float.init))
    }
    for _ in 0..<2 {
      try executable.step()
      for (index, value) in expected.enumerated() {
        let computed = try executable.read("y\(index)")
        let error = relativeError(computed.map(Double.init), value.values)
        #expect(
          error <= 4 * test.tolerance, "\(test.label): y\(index) on \(device): \(error)")
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
