import Execution
import Imaging
import Models
import TensorGraph

/// One picture being painted: a VQGAN's latent, moved step by step to where CLIP sees the prompts.
///
/// Everything from the latent to the new latent is one compiled program, run once a step.
///
///     let session = try RenderSession(settings, models: .starter(), device: .automatic)
///     for _ in 0..<settings.steps { try session.step() }
///     try PNG.write(session.image(), to: "picture.png")
public final class RenderSession {
  /// Size of the picture in pixels, a multiple of the generator's factor.
  public let width: Int
  public let height: Int
  /// Steps queued so far.
  public private(set) var stepsDone = 0
  package let executable: any Executable

  /// Loads the models, embeds the prompts, makes the start and compiles the step.
  /// - Throws: an error that names the setting, file, tensor or device at fault.
  public init(_ settings: RenderSettings, models: ModelFiles, device: ComputeDevice) throws {
    try settings.validate()
    let generator = try VQGANCheckpoint(path: models.generator)
    let perceptor = try CLIPCheckpoint(path: models.perceptor)
    let factor = generator.configuration.factor
    width = RenderSettings.rounded(settings.width, to: factor)
    height = RenderSettings.rounded(settings.height, to: factor)

    let texts = try perceptor.embed(settings.prompts.map(\.text), on: device)
    let start =
      if let image = settings.initialImage {
        try generator.latent(of: image.resized(width: width, height: height), on: device)
      } else {
        try generator.randomLatent(
          rows: height / factor, columns: width / factor, seed: settings.seed)
      }
    let step = try GuidanceStep(
      settings, generator: generator, perceptor: perceptor, texts: texts, start: start,
      rows: height / factor, columns: width / factor)
    executable = try device.compile(step.graph)
  }

  /// Queues one optimisation step.
  public func step() throws {
    try executable.step()
    stepsDone += 1
  }

  /// Weighted mean distance of the last step's cutouts to the prompts; waits for that step.
  /// - Throws: ``GuidanceError/diverged(step:)`` if it is not a number.
  public func loss() throws -> Float {
    let loss = try executable.read("loss")[0]
    guard loss.isFinite else { throw GuidanceError.diverged(step: stepsDone) }
    return loss
  }

  /// The picture that the last step saw; waits for that step.
  public func image() throws -> Image {
    Image(width: width, height: height, pixels: try executable.read("image"))
  }

  /// What each step runs, in what memory.
  public var plan: Plan { executable.plan }
}
