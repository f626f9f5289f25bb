import Execution
import Imaging
import Models

/// The opened models of a render, and its prompts embedded.
struct Guide {
  let generator: VQGANCheckpoint
  let perceptor: CLIPCheckpoint
  /// An embedding for each prompt.
  let texts: [[Float]]
}

/// A latent on its way to where the perceptor sees the prompts: one compiled program, run once a
/// step.
final class LatentDescent {
  let width: Int
  let height: Int
  private(set) var stepsDone = 0
  let executable: any Executable

  /// - Parameters:
  ///   - settings: with sides that are multiples of the generator's factor.
  ///   - start: latent [1,rows,columns,channels], row-major.
  init(
    _ settings: RenderSettings, from start: [Float], guide: Guide, device: ComputeDevice
  ) throws {
    (width, height) = (settings.width, settings.height)
    let factor = guide.generator.configuration.factor
    let step = try GuidanceStep(
      settings, guide: guide, start: start, rows: height / factor, columns: width / factor)
    executable = try device.compile(step.graph)
  }

  /// Queues one step.
  func step() throws {
    try executable.step()
    stepsDone += 1
  }

  /// Begins anew, from another latent of the same size.
  func restart(from start: [Float]) throws {
    try executable.write(GuidanceStep.latentName, start)
    for moment in GuidanceStep.momentNames {
      try executable.write(moment, [Float](repeating: 0, count: start.count))
    }
    try executable.write(GuidanceStep.stepName, [0])
    stepsDone = 0
  }

  /// Weighted mean distance of the last step's cutouts to the prompts; waits for that step.
  /// - Throws: ``GuidanceError/diverged(step:)`` if it is not a number.
  func loss() throws -> Float {
    let loss = try executable.read("loss")[0]
    guard loss.isFinite else { throw GuidanceError.diverged(step: stepsDone) }
    return loss
  }

  /// The picture that the last step saw; waits for that step.
  func image() throws -> Image {
    Image(width: width, height: height, pixels: try executable.read("image"))
  }
}
