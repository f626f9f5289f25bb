/// Decides after which steps the host waits for the device.
///
/// Queueing a step takes much less time than computing it. Waiting now and then, but no more often
/// than ``interval``, keeps the device busy while no more work is queued than what an interruption
/// can wait for.
package struct Pace {
  /// Seconds of work between two waits.
  package static let interval = 0.25

  private var nextWait = 1
  private var last = (step: 0, seconds: 0.0)

  package init() {}

  package func isDue(_ step: Int) -> Bool { step >= nextWait }

  /// The device has done `step` steps, `seconds` after the start.
  package mutating func caughtUp(_ step: Int, at seconds: Double) {
    let secondsPerStep = max(seconds - last.seconds, 1e-6) / Double(max(step - last.step, 1))
    nextWait = step + max(1, Int(Self.interval / secondsPerStep))
    last = (step, seconds)
  }
}
