import Execution
import Models
import TensorGraph

/// What a render would run, in what memory, found out without running anything.
///
///     let forecast = try RenderForecast(settings, models: .starter(), device: .automatic)
///     print(forecast.step.totalBytes, forecast.step.cost.flops)
public struct RenderForecast {
  /// With sides that are multiples of the generator's factor.
  public let settings: RenderSettings
  /// One step of the picture.
  public let step: Plan
  /// How weights and activations are stored.
  public let precision: Precision
  /// In which the perceptor sees the cutouts of a step, one after the other.
  public let batches: Int
  /// One step of the search for a start, and how many it takes; nil where there is none.
  public let search: (step: Plan, steps: Int)?

  /// Opens the models and plans.
  /// - Throws: what ``RenderSession`` throws; ``GuidanceError/memory(_:)`` if it does not fit.
  public init(_ settings: RenderSettings, models: ModelFiles, device: ComputeDevice) throws {
    try settings.validate()
    let generator = try VQGANCheckpoint(path: models.generator)
    let perceptor = try CLIPCheckpoint(path: models.perceptor)
    // A step does not depend on what the prompts say.
    let targets = (1...settings.prompts.count + settings.picturePrompts.count).map {
      [Float](repeating: Float($0), count: perceptor.configuration.embeddingWidth)
    }
    let guide = Guide(generator: generator, perceptor: perceptor, targets: targets)
    var settings = guide.rounded(settings)
    let step = try PlannedStep(settings, guide: guide, on: device)
    (self.step, batches, precision) = (step.plan, step.batches, step.precision)
    settings.precision = precision
    self.settings = settings
    search =
      settings.initialImage == nil && settings.starts > 1
      ? (
        try StartSearch(self.settings, guide: guide, device: device).plannedStep.plan,
        settings.starts * StartSearch.steps
      )
      : nil
  }
}
