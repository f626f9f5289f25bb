import Execution
import Imaging
import Models

/// Finds a picture to start from: several small ones are begun from different random codes, and the
/// one that comes nearest the prompts is taken.
///
/// What decides whether a render ends well is often settled in its first steps, such as the colour
/// of the background, and Adam does not come back from there. Small pictures at a high learning
/// rate settle it quickly: a try costs a few steps of the picture itself.
package struct StartSearch {
  /// Steps that a small picture gets: enough for its loss to tell a good start from a bad one.
  static let steps = 25
  /// Cutouts of a small picture: as many starts are worth more than steady gradients.
  static let cutouts = 4
  /// Learning rate of the small pictures, in those of the picture itself.
  static let haste: Float = 3
  /// Last steps whose losses are averaged to judge a start.
  static let judgedSteps = 5

  private let settings: RenderSettings
  private let guide: Guide
  private let device: ComputeDevice

  /// - Parameter settings: of the picture, its sides being multiples of the generator's factor.
  init(_ settings: RenderSettings, guide: Guide, device: ComputeDevice) {
    var small = settings
    let seen = guide.perceptor.configuration.imageSize
    (small.width, small.height) = Self.size(settings.width, settings.height, seen: seen)
    small.steps = Self.steps
    small.learningRate *= Self.haste
    small.cutouts.count = min(Self.cutouts, settings.cutouts.count)
    small.initialWeight = 0
    self.settings = guide.rounded(small)
    self.guide = guide
    self.device = device
  }

  /// A step of a small picture.
  var plannedStep: PlannedStep {
    get throws { try PlannedStep(settings, guide: guide, on: device) }
  }

  /// The best of `settings.starts` small pictures.
  /// - Parameter onStart: called after every try with its number, from 1, and its loss; the search
  ///   ends when it returns false.
  func best(onStart: (Int, Float) -> Bool) throws -> Image {
    let descent = LatentDescent(try device.compile(plannedStep.plan), settings)
    var best: (image: Image, loss: Float)?
    for number in 0..<settings.starts {
      try descent.begin(from: guide.randomLatent(settings, start: number))
      var loss: Float = 0
      for step in 1...Self.steps {
        try descent.step()
        if step > Self.steps - Self.judgedSteps {
          loss += try descent.loss() / Float(Self.judgedSteps)
        }
      }
      if loss < best?.loss ?? .infinity { best = (try descent.image(), loss) }
      guard onStart(number + 1, loss) else { break }
    }
    return best!.image
  }

  /// Size of the small pictures: the picture's proportions, with the shorter side as the perceptor
  /// sees it, but no more than half of the picture's, so that a try stays cheap.
  package static func size(_ width: Int, _ height: Int, seen: Int) -> (width: Int, height: Int) {
    let shorter = min(width, height)
    let side = min(seen, (shorter + 1) / 2)
    return ((width * side + shorter / 2) / shorter, (height * side + shorter / 2) / shorter)
  }
}
