import Execution
import TensorGraph

/// What was measured of the reference step on one device.
package struct StepMeasurement: Encodable {
  /// A group of the step's parts: their time in one profiled step, and their work.
  package struct Share: Encodable {
    package let name: String
    /// Nil for groups that go both ways.
    package let direction: Direction?
    package let seconds: Double
    package let flops: Int
  }

  package let device: DeviceSummary
  /// Of each timed step.
  package let seconds: [Double]
  /// Processor time of the host's thread to queue each step; nil where it computes the step itself.
  package let hostSeconds: [Double]?
  /// From nothing to a compiled program.
  package let setupSeconds: Double
  package let plannedBytes: Int
  /// What was resident before set-up: the program and its drivers; nil where the system does not
  /// tell.
  package let baseBytes: Int?
  /// The most memory of the process that was resident during set-up and a first step, less what
  /// other devices held then; nil where the system does not tell.
  package let peakBytes: Int?
  /// Floating-point operations of a step.
  package let flops: Int
  /// In the order of the step.
  package let stages: [Share]
  /// By op, the longest first.
  package let ops: [Share]
  /// By scope, two names deep, in the order of the step: `decoder/up.2`.
  package let scopes: [Share]

  package var medianSeconds: Double { seconds.median }

  init(
    device: DeviceSummary, plan: Plan, seconds: [Double], hostSeconds: [Double]?,
    setupSeconds: Double, baseBytes: Int?, peakBytes: Int?, profile: StepProfile
  ) {
    self.device = device
    self.seconds = seconds
    self.hostSeconds = hostSeconds
    self.setupSeconds = setupSeconds
    self.baseBytes = baseBytes
    self.peakBytes = peakBytes
    plannedBytes = plan.totalBytes
    flops = plan.cost.flops
    let stages = plan.stages
    let parts = zip(plan.loop, profile.seconds).map { (flops: $0.cost.flops, seconds: $1) }
    func share(_ name: String, _ direction: Direction?, _ indices: [Int]) -> Share {
      Share(
        name: name, direction: direction, seconds: indices.reduce(0) { $0 + parts[$1].seconds },
        flops: indices.reduce(0) { $0 + parts[$1].flops })
    }
    let order = Stage.allCases.map { ($0, Direction.forward) }
      + Stage.allCases.reversed().map { ($0, Direction.backward) }
    self.stages = order.compactMap { stage, direction in
      let indices = stages.indices.filter { stages[$0] == (stage, direction) }
      return indices.isEmpty ? nil : share(stage.rawValue, direction, indices)
    }
    let names = plan.loop.map { plan.trace.nodes[$0.node].op.name }
    ops = Set(names).map { name in share(name, nil, names.indices.filter { names[$0] == name }) }
      .sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) }
    let origins = plan.loop.map { plan.trace.nodes[$0.node].origin }
    var groups: [(name: String, direction: Direction, indices: [Int])] = []
    for (index, origin) in origins.enumerated() {
      let name = origin.scope.split(separator: "/").prefix(2).joined(separator: "/")
      let direction = stages[index].direction
      if let group = groups.firstIndex(where: { ($0.name, $0.direction) == (name, direction) }) {
        groups[group].indices.append(index)
      } else {
        groups.append((name, direction, [index]))
      }
    }
    scopes = groups.map { share($0.name.isEmpty ? "other" : $0.name, $0.direction, $0.indices) }
  }
}

extension [Double] {
  /// The middle value; of an even count, the mean of the two middle ones.
  package var median: Double {
    let sorted = sorted()
    guard let middle = sorted.indices.middle else { return .nan }
    return (sorted[middle] + sorted[count - 1 - middle]) / 2
  }
}

extension Range<Int> {
  fileprivate var middle: Int? { isEmpty ? nil : (lowerBound + upperBound) / 2 }
}
