/// A stage of a picture that is composed small and enlarged: its size and its steps.
public struct GrowthStage: Hashable, Sendable, Codable {
  /// Shorter side in pixels; the proportions are the picture's.
  public let side: Int
  /// Optimisation steps; nil takes as many as the picture itself has.
  public let steps: Int?

  public init(side: Int, steps: Int? = nil) { (self.side, self.steps) = (side, steps) }

  /// `side` or `side:steps`.
  /// - Throws: ``GuidanceError/settings(_:)``, saying what a stage looks like.
  public init(parsing text: String) throws(GuidanceError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard (1...2).contains(parts.count), numbers.count == parts.count else {
      throw .settings(
        "the stage '\(text)' is not understood: write its side in pixels, and its steps, as 128:100")
    }
    self.init(side: numbers[0], steps: numbers.count > 1 ? numbers[1] : nil)
  }
}

extension RenderRequest {
  /// Steps of every stage, the picture's own last.
  public var stageSteps: [Int] { growth.map { $0.steps ?? steps } + [steps] }

  /// Steps of all stages together.
  public var totalSteps: Int { stageSteps.reduce(0, +) }

  /// Stage that a render is in after so many steps: a finished one until the next has begun.
  func stage(after stepsDone: Int) -> Int {
    var end = 0
    for (stage, steps) in stageSteps.enumerated() {
      end += steps
      if stepsDone <= end { return stage }
    }
    return growth.count
  }

  /// - Throws: ``GuidanceError/settings(_:)`` for stages out of range or out of order.
  func validateGrowth() throws(GuidanceError) {
    var least = 0
    for stage in growth {
      guard stage.side > least, stage.side < min(width, height) else {
        throw .settings(
          "a stage of \(stage.side) pixels does not fit: stages grow, and are smaller than the "
            + "picture's shorter side of \(min(width, height))")
      }
      least = stage.side
      guard (1...1_000_000).contains(stage.steps ?? 1) else {
        throw .settings(
          "\(stage.steps ?? 0) steps of a stage are out of range: choose 1 to 1000000")
      }
    }
    guard growth.isEmpty || losses[StartDistance.name] ?? 0 == 0 else {
      throw .settings("--init-weight and --grow-from do not go together: leave one out")
    }
  }
}
