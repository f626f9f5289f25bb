import Execution
import Inference
import Models
import TensorGraph

/// The opened models of a render, and its prompts embedded: what leads a latent to its picture.
struct Guide {
  let generator: VQGANCheckpoint
  let perceptor: CLIPCheckpoint
  /// An embedding for each prompt, those of texts first.
  let targets: [[Float]]

  init(generator: VQGANCheckpoint, perceptor: CLIPCheckpoint, targets: [[Float]]) {
    self.generator = generator
    self.perceptor = perceptor
    self.targets = targets
  }

  /// Opens the models and embeds the prompts.
  /// - Parameter pictures: what the settings' picture prompts were embedded as; nil embeds them.
  init(
    _ settings: RenderSettings, models: ModelFiles, device: ComputeDevice,
    pictures: [[Float]]? = nil
  ) throws {
    generator = try VQGANCheckpoint(path: models.generator)
    perceptor = try CLIPCheckpoint(path: models.perceptor)
    let texts = try perceptor.embed(
      settings.prompts.map(\.text), vocabulary: models.vocabulary,
      truncating: settings.truncatesPrompts, on: device)
    targets = try texts
      + (pictures ?? perceptor.embed(settings.picturePrompts.compactMap(\.image), on: device))
  }

  /// `settings` with sides that are multiples of the generator's factor.
  func rounded(_ settings: RenderSettings) -> RenderSettings {
    var settings = settings
    let factor = generator.configuration.factor
    settings.width = RenderSettings.rounded(settings.width, to: factor)
    settings.height = RenderSettings.rounded(settings.height, to: factor)
    return settings
  }

  /// Codes along both sides of a picture whose size is rounded.
  func latentSize(_ settings: RenderSettings) -> (rows: Int, columns: Int) {
    let factor = generator.configuration.factor
    return (settings.height / factor, settings.width / factor)
  }

  /// [1,rows,columns,channels] of a picture whose size is rounded.
  func latentShape(_ settings: RenderSettings) -> Shape {
    generator.configuration.latentShape(width: settings.width, height: settings.height)
  }
}
