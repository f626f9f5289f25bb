import Execution
import Guidance
import Imaging

/// One picture and how it came out.
struct Painting {
  /// Steps over which ``settledLoss`` is the mean: a single step's loss moves by a few thousandths
  /// with the draw of its cutouts.
  static let settledSteps = 10

  let image: Image
  /// Of the last step, as the reference reports it.
  let loss: Double
  /// Mean of the last ``settledSteps`` steps.
  let settledLoss: Double
  /// Of the whole render: models loaded, kernels compiled, the start searched, all steps.
  let seconds: Double

  /// Paints `prompt` at the default settings.
  init(_ prompt: String, seed: UInt64, device: ComputeDevice) throws {
    var settings = RenderSettings(prompts: [try Prompt(prompt)])
    settings.seed = seed
    let clock = ContinuousClock()
    let begun = clock.now
    let session = try RenderSession(settings, models: .starter(), device: device)
    var losses: [Double] = []
    while session.stepsDone < settings.steps {
      try session.step()
      if session.stepsDone > settings.steps - Self.settledSteps {
        losses.append(Double(try session.loss()))
      }
    }
    image = try session.image()
    seconds = (clock.now - begun) / .seconds(1)
    loss = losses[losses.count - 1]
    settledLoss = losses.mean
  }
}

extension [Double] {
  var mean: Double { reduce(0, +) / Double(count) }
}
