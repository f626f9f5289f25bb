import Execution
import Imaging
import Models

/// Finds a picture to start from: several small ones are begun from different random codes, and the
/// one that comes nearest the prompts is taken.
///
/// What decides whether a render ends well is often settled in its first steps, such as the colour
/// of the background, and Adam does not come back from there. Small pictures at a high learning
/// rate settle it quickly: a try costs a few steps of the picture itself.
struct StartSearch {
  /// Steps that a small picture gets. Its loss then tells a good start from a bad one; after half
  /// of them it does not.
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
    let size = Self.size(
      width: settings.width, height: settings.height,
      seen: guide.perceptor.configuration.imageSize, factor: guide.generator.configuration.factor)
    (small.width, small.height) = size
    small.steps = Self.steps
    small.learningRate *= Self.haste
    small.cutouts.count = min(Self.cutouts, settings.cutouts.count)
    self.settings = small
    self.guide = guide
    self.device = device
  }

  /// The best of `settings.starts` small pictures.
  /// - Parameter onStart: called after every try with its number, from 1, and its loss; the search
  ///   ends when it returns false.
  func best(onStart: (Int, Float) -> Bool) throws -> Image {
    func start(_ number: Int) throws -> [Float] {
      let factor = guide.generator.configuration.factor
      return try guide.generator.randomLatent(
        rows: settings.height / factor, columns: settings.width / factor, seed: settings.seed,
        start: number)
    }
    let descent = try LatentDescent(settings, from: start(0), guide: guide, device: device)
    var best: (image: Image, loss: Float)?
    for number in 0..<settings.starts {
      if number > 0 { try descent.restart(from: start(number)) }
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

  /// Size of the small pictures: the picture's proportions with the shorter side as the perceptor
  /// sees it, and never larger than the picture.
  static func size(width: Int, height: Int, seen: Int, factor: Int) -> (width: Int, height: Int) {
    let scale = min(1, Double(seen) / Double(min(width, height)))
    func reduced(_ side: Int) -> Int {
      RenderSettings.rounded(Int((Double(side) * scale).rounded()), to: factor)
    }
    return (reduced(width), reduced(height))
  }
}
