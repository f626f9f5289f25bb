import TensorGraph

/// How long each part of one step took.
public struct StepProfile: Sendable {
  /// Seconds of each entry of the plan's `loop`, in its order; of several launches the sum.
  public let seconds: [Double]

  package init(seconds: [Double]) { self.seconds = seconds }

  /// Seconds of all parts together. A step takes longer by what lies between them.
  public var total: Double { seconds.reduce(0, +) }
}
