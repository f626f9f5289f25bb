import Execution
import Imaging
import Models
import TensorGraph

/// One picture being painted: a VQGAN's latent, moved step by step to where CLIP sees the prompts.
///
/// Everything from the latent to the new latent is one compiled program, run once a step.
///
///     let session = try RenderSession(settings, models: .starter(), device: .automatic)
///     while session.stepsDone < settings.steps { try session.step() }
///     try PNG.write(session.image(), to: "picture.png")
public final class RenderSession {
  package let descent: LatentDescent
  /// With sides that are multiples of the generator's factor.
  public let settings: RenderSettings
  /// In which the perceptor sees the cutouts of a step, one after the other: more than one where
  /// memory is short.
  public let batches: Int
  private let models: ModelFiles
  private let latentShape: Shape
  /// Embeddings of the picture prompts.
  private let pictures: [[Float]]

  /// Loads the models, embeds the prompts, finds a start and compiles the step.
  ///
  /// Unless there is a picture to start from, small pictures are begun from several random codes,
  /// and the best of them is enlarged: see ``RenderSettings/starts``.
  /// - Parameter onStart: called after every start tried, with its number, from 1, and its loss;
  ///   when it returns false, the best so far is taken.
  /// - Throws: an error that names the setting, file, tensor or device at fault.
  public init(
    _ settings: RenderSettings, models: ModelFiles, device: ComputeDevice,
    onStart: (Int, Float) -> Bool = { _, _ in true }
  ) throws {
    try settings.validate()
    let guide = try Guide(settings, models: models, device: device)
    var settings = guide.rounded(settings)
    // Before anything long: a picture that does not fit is refused here.
    let step = try PlannedStep(settings, guide: guide, on: device)
    settings.precision = step.precision
    func latent(of image: Image) throws -> [Float] {
      try guide.latent(
        of: image.resized(width: settings.width, height: settings.height), on: device)
    }
    let start =
      if let image = settings.initialImage {
        try latent(of: image)
      } else if settings.starts > 1 {
        try latent(of: StartSearch(settings, guide: guide, device: device).best(onStart: onStart))
      } else {
        try guide.randomLatent(settings)
      }
    descent = LatentDescent(try device.compile(step.plan), settings)
    try descent.begin(from: start)
    self.settings = settings
    batches = step.batches
    self.models = models
    latentShape = guide.latentShape(settings)
    pictures = Array(guide.targets.suffix(settings.picturePrompts.count))
  }

  /// Goes on with a render where it was left.
  /// - Throws: an error that names the file or device at fault.
  public init(resuming state: RenderState, device: ComputeDevice) throws {
    (settings, models) = (state.settings, state.models)
    try device.requireStorage(of: settings.precision ?? .full)
    pictures = state.pictures
    let guide = try Guide(settings, models: models, device: device, pictures: pictures)
    latentShape = guide.latentShape(settings)
    guard state.shape == latentShape else {
      throw GuidanceError.savedRender(
        "the saved render has a latent of shape \(state.shape), and \(models.generator) needs "
          + "\(latentShape): was the file replaced by another model?")
    }
    guard pictures.allSatisfy({ $0.count == guide.perceptor.configuration.embeddingWidth }) else {
      throw GuidanceError.savedRender(
        "the saved render has pictures as prompts, embedded by another model than "
          + "\(models.perceptor): was the file replaced?")
    }
    batches = state.batches
    let step = try GuidanceStep(settings, guide: guide, batches: batches)
    descent = LatentDescent(try device.compile(step.graph), settings)
    try descent.go(
      on: state.latent, initial: state.initialLatent, moments: state.moments, lossScale: state.lossScale,
      stepsDone: state.stepsDone)
  }

  /// The render as it stands, to go on with later; waits for the last step.
  /// - Parameter initialImage: name of the picture it was started from.
  public func state(initialImage: String? = nil) throws -> RenderState {
    let (latent, initial, moments, lossScale) = try descent.state()
    var settings = settings
    settings.initialImage = nil
    return RenderState(
      settings: settings, models: models.absolute, initialImage: initialImage,
      batches: batches, stepsDone: stepsDone, latent: latent, initialLatent: initial, moments: moments,
      pictures: pictures, lossScale: lossScale, shape: latentShape)
  }

  /// Size of the picture in pixels, a multiple of the generator's factor.
  public var width: Int { descent.width }
  public var height: Int { descent.height }

  /// Steps queued so far.
  public var stepsDone: Int { descent.stepsDone }

  /// Queues one optimisation step.
  public func step() throws { try descent.step() }

  /// Weighted mean distance of the last step's cutouts to the prompts; waits for that step.
  /// - Throws: ``GuidanceError/diverged(step:)`` if it or its gradient is not a number.
  public func loss() throws -> Float { try descent.loss() }

  /// The picture that the last step saw; waits for that step.
  public func image() throws -> Image { try descent.image() }

  /// What each step runs, in what memory.
  public var plan: Plan { descent.executable.plan }
}
