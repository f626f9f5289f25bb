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
    var request = RenderRequest(prompts: [try Prompt(prompt)])
    request.seed = seed
    let clock = ContinuousClock()
    let begun = clock.now
    let session = try RenderSession(request, on: device)
    let descent = session.descent
    var losses: [Double] = []
    while descent.stepsDone < request.steps {
      try descent.step()
      if descent.stepsDone > request.steps - Self.settledSteps {
        losses.append(Double(try descent.losses().total))
      }
    }
    image = try descent.image()
    seconds = (clock.now - begun) / .seconds(1)
    loss = losses[losses.count - 1]
    settledLoss = losses.mean
  }
}

extension [Double] {
  var mean: Double { reduce(0, +) / Double(count) }
}
