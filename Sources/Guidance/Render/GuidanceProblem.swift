import TensorGraph

/// Problem of a descent: a generator's parameters are moved by an optimizer against the
/// sum of loss terms.
public struct GuidanceProblem: Sendable {
  public var generator: any Generator
  public var losses: [any LossTerm]
  public var optimizer: any Optimizer
  /// Sides of the picture in pixels, multiples of the generator's factor.
  public var width: Int
  public var height: Int
  public var learningRate: LearningRate
  /// Seed of every random draw.
  public var seed: UInt64 = 0
  public var cutouts = CutoutConfiguration()
  /// How weights and activations are stored; nil leaves it to the device.
  public var precision: Precision?

  /// - Parameters:
  ///   - losses: at least one term.
  ///   - steps: of the whole descent.
  public init(
    _ generator: any Generator, losses: [any LossTerm], optimizer: any Optimizer = Adam(),
    width: Int, height: Int, learningRate: Float = 0.15, steps: Int = 100
  ) {
    precondition(!losses.isEmpty, "a descent needs a loss")
    (self.generator, self.losses, self.optimizer) = (generator, losses, optimizer)
    (self.width, self.height) = (width, height)
    self.learningRate = LearningRate(learningRate, steps: steps)
  }
}
