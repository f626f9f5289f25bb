import Execution
import TensorGraph

/// How long a small program takes by itself.
struct ProgramTimer {
  /// Seconds to repeat it for, at least.
  let duration: Double

  /// Repetitions that are timed at least.
  private static let repetitions = 3

  /// Seconds of the fastest of several steps: what else the machine does only adds to it.
  func seconds(
    of graph: Graph, feeds: [String: [Float]], on device: ComputeDevice
  ) throws -> (seconds: Double, plan: Plan) {
    let executable = try device.compile(graph)
    for (name, values) in feeds { try executable.write(name, values) }
    // Drivers finish kernels when they first run.
    try executable.step()
    try executable.finish()
    var (fastest, total) = (Double.infinity, 0.0)
    var count = 0
    while count < Self.repetitions || total < duration {
      let seconds = try executable.profile().total
      fastest = min(fastest, seconds)
      total += seconds
      count += 1
      // A clock too coarse to see the step would never be done.
      if count >= 1000 { break }
    }
    return (fastest, executable.plan)
  }
}
