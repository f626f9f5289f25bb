import OpenCLRuntime
import TensorGraph

/// The launches that compute one node.
struct PreparedStep {
  let launches: [PreparedLaunch]
  /// Operations of them all.
  let flops: Int
}

/// Gives a queue its work in portions, so that a driver never holds much more than two: it begins
/// with the first while the next are enqueued, and has something to do while the host waits.
///
/// A whole step at once is more than some drivers bear. Intel's for GPUs gives up on a queue that
/// nobody has waited for in some 20 seconds (intel/compute-runtime, issue 904), and Mesa's sends
/// nothing to the device before a flush.
struct Portions {
  /// Ends a portion, as ``KernelPlan/maxLaunchFLOPs`` does: some milliseconds' work, where kernels are as short as they get.
  private static let launches = 64

  private let queue: Queue
  private var flops = 0
  private var launches = 0
  /// Of the portions sent, those that were not waited for.
  private var sent: [Event] = []

  init(of queue: Queue) { self.queue = queue }

  mutating func enqueue(_ step: PreparedStep) throws(OpenCLError) {
    for launch in step.launches { try queue.enqueue(launch) }
    try count(step)
  }

  /// Like ``enqueue(_:)``, with the event of each launch.
  mutating func enqueueWithEvents(_ step: PreparedStep) throws(OpenCLError) -> [Event] {
    var events: [Event] = []
    for launch in step.launches { events.append(try queue.enqueueWithEvent(launch)) }
    try count(step)
    return events
  }

  private mutating func count(_ step: PreparedStep) throws(OpenCLError) {
    flops += step.flops
    launches += step.launches.count
    guard flops >= KernelPlan.maxLaunchFLOPs || launches >= Self.launches else { return }
    (flops, launches) = (0, 0)
    sent.append(try queue.marker())
    try queue.flush()
    if sent.count > 2 { try sent.removeFirst().wait() }
  }
}
