import Imaging
import TensorGraph

/// What to render and how.
public struct RenderSettings: Sendable {
  /// What the picture should show: at least one text or picture.
  public var prompts: [Prompt]
  public var picturePrompts: [PicturePrompt] = []
  /// Cuts off what the perceptor does not read of a prompt, instead of refusing it.
  public var truncatesPrompts = false
  /// In pixels; rounded to the generator's factor.
  public var width = 128
  public var height = 128
  /// Optimisation steps.
  public var steps = 100
  /// Decides every random draw: the start and the augmentations.
  public var seed: UInt64 = 0
  public var cutouts = CutoutConfiguration()
  /// Adam's step size in the beginning, in units of the latent; it falls to an eighth.
  public var learningRate: Float = 0.15
  /// Random starts that are tried on small pictures, of which the best goes on; 1 goes on at once.
  /// Not used with a picture to start from.
  public var starts = 8
  /// How weights and activations are stored; nil leaves it to the device: in full where that fits,
  /// else as halves.
  public var precision: Precision?
  /// The picture to start from, resized to fit; nil starts from random codes.
  public var initialImage: Image?
  /// How strongly the latent is held to where it starts: half of this times the mean squared distance
  /// of the two counts in the loss. 0 leaves it free.
  public var initialWeight: Float = 0

  public init(prompts: [Prompt]) { self.prompts = prompts }

  /// Largest side of a picture, in pixels.
  static let largestSide = 16384

  /// - Throws: ``GuidanceError`` naming the first setting out of range.
  package func validate() throws(GuidanceError) {
    func require(_ condition: Bool, _ message: String) throws(GuidanceError) {
      if !condition { throw .settings(message) }
    }
    try require(
      !prompts.isEmpty || !picturePrompts.isEmpty,
      "there is no prompt: say what the picture should show")
    try require(
      (1...Self.largestSide).contains(width) && (1...Self.largestSide).contains(height),
      "the size \(width)x\(height) is out of range: each side is 1 to \(Self.largestSide) pixels")
    try require(
      (1...1_000_000).contains(steps), "\(steps) steps are out of range: choose 1 to 1000000")
    try require(
      (1...1000).contains(starts), "\(starts) starts are out of range: choose 1 to 1000")
    try cutouts.validate()
    try require(
      learningRate.isFinite && learningRate > 0,
      "the learning rate \(learningRate) is out of range: it must be above 0")
    try require(
      initialWeight.isFinite && initialWeight >= 0,
      "the initial weight \(initialWeight) is out of range: it must be 0 or more")
  }

  /// `side` as the nearest multiple of `factor`, at least one.
  static func rounded(_ side: Int, to factor: Int) -> Int {
    max(1, (side + factor / 2) / factor) * factor
  }
}

extension RenderSettings: Codable {
  /// All but pictures.
  private enum CodingKeys: CodingKey {
    case prompts, picturePrompts, truncatesPrompts, width, height, steps, seed, cutouts
    case learningRate, starts, precision, initialWeight
  }
}
