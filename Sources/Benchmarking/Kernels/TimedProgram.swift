import Execution
import TensorGraph

/// A small program by itself: what it computes, and how fast.
struct TimedProgram {
  let executable: any Executable

  /// Repetitions that are timed at least, where it is to be known well.
  private static let repetitions = 3
  /// A clock too coarse to see the step would never be done.
  private static let mostRepetitions = 1000

  /// Compiles it, gives it its inputs and runs it once: drivers finish kernels when they first run.
  init(_ graph: Graph, feeds: [String: [Float]], on device: ComputeDevice) throws {
    executable = try device.compile(graph)
    // The kernel may do without some of its op's inputs, which then are none of the program's.
    let known = Set(executable.plan.trace.nodes.filter { $0.op is Source }.map(\.op.name))
    for (name, values) in feeds where known.contains(name) { try executable.write(name, values) }
    try executable.step()
    try executable.finish()
  }

  /// The output of ``KernelCase/graph()``.
  func result() throws -> [Float] { try executable.read(KernelCase.outputName) }

  /// Seconds of one step.
  func seconds() throws -> Double { try executable.profile().total }

  /// Seconds of the fastest of several steps, repeated for `duration` seconds at least: what else
  /// the machine does only adds to it.
  func seconds(for duration: Double) throws -> Double {
    var (fastest, total) = (Double.infinity, 0.0)
    for count in 1...Self.mostRepetitions {
      let seconds = try seconds()
      fastest = min(fastest, seconds)
      total += seconds
      if count >= Self.repetitions, total >= duration { break }
    }
    return fastest
  }
}
