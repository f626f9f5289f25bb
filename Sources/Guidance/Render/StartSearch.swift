import Execution
import Imaging
import TensorGraph

/// Search for a picture to start from: several small ones are begun from different random
/// parameters, and the one that comes nearest the prompts is taken.
///
/// How a render ends is often settled in its first steps, such as the colour of the background, from
/// where the optimizer does not return. Small pictures at a high learning rate settle it quickly: a
/// try costs a few steps of the picture itself.
package struct StartSearch {
  /// Steps of a small picture: enough for its loss to tell a good start from a bad one.
  static let steps = 25
  /// Cutouts of a small picture: more starts are worth more than steady gradients.
  static let cutouts = 4
  /// Learning rate of the small pictures, in units of the picture's.
  static let learningRateFactor: Float = 3
  /// Last steps whose losses are averaged to judge a start.
  static let judgedSteps = 5

  private let problem: GuidanceProblem
  private let starts: Int
  private let device: ComputeDevice

  /// - Parameter problem: of the picture itself.
  init(_ problem: GuidanceProblem, starts: Int, models: GuidanceModels, on device: ComputeDevice) {
    var small = problem
    let (width, height) = Self.size(problem.width, problem.height, seen: models.perceptorSide)
    (small.width, small.height) = (models.rounded(width), models.rounded(height))
    small.learningRate = LearningRate(
      problem.learningRate.initial * Self.learningRateFactor, steps: Self.steps)
    small.cutouts.count = min(Self.cutouts, problem.cutouts.count)
    small.losses = problem.losses.filter(\.guidesSearch)
    (self.problem, self.starts, self.device) = (small, starts, device)
  }

  /// A step of a small picture.
  var fittedPlan: FittedPlan {
    get throws { try FittedPlan(problem, on: device) }
  }

  /// The best of the small pictures, and how many were tried.
  /// - Parameters:
  ///   - inputs: what the prompts are.
  ///   - onStart: called after every try with its number, from 1, and its loss; the search ends when
  ///     it returns false.
  func best(
    _ inputs: [String: HostTensor<Float>], onStart: (Int, Float) -> Bool
  ) throws -> (picture: Image, tried: Int) {
    let descent = Descent(try device.compile(fittedPlan.plan), problem)
    try descent.write(inputs)
    var best: (image: Image, loss: Float)?
    for number in 0..<starts {
      try descent.begin(
        from: problem.generator.randomStart(
          width: problem.width, height: problem.height, seed: problem.seed, number: number))
      var loss: Float = 0
      for step in 1...Self.steps {
        try descent.step()
        if step > Self.steps - Self.judgedSteps {
          loss += try descent.losses().total / Float(Self.judgedSteps)
        }
      }
      if loss < best?.loss ?? .infinity { best = (try descent.image(), loss) }
      guard onStart(number + 1, loss) else { return (best!.image, number + 1) }
    }
    return (best!.image, starts)
  }

  /// Size of the small pictures: the picture's proportions, with the shorter side as the perceptor
  /// sees it, but no more than half of the picture's, so that a try stays cheap.
  package static func size(_ width: Int, _ height: Int, seen: Int) -> (width: Int, height: Int) {
    let shorter = min(width, height)
    let side = min(seen, (shorter + 1) / 2)
    return ((width * side + shorter / 2) / shorter, (height * side + shorter / 2) / shorter)
  }
}
