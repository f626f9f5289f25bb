import Execution
import Imaging

/// A latent on its way to where the perceptor sees the prompts: one compiled program, run once a
/// step.
package final class LatentDescent {
  package let width: Int
  package let height: Int
  package private(set) var stepsDone = 0
  package let executable: any Executable

  /// - Parameters:
  ///   - executable: of a ``GuidanceStep`` with these `settings`.
  ///   - start: latent [1,rows,columns,channels], row-major.
  init(_ executable: any Executable, _ settings: RenderSettings, from start: [Float]) throws {
    self.executable = executable
    (width, height) = (settings.width, settings.height)
    try begin(from: start)
  }

  /// Forgets what was done, to begin from another latent.
  package func begin(from start: [Float]) throws {
    try executable.write(GuidanceStep.latentName, start)
    for moment in GuidanceStep.momentNames {
      try executable.write(moment, [Float](repeating: 0, count: start.count))
    }
    try executable.write(GuidanceStep.stepName, [0])
    stepsDone = 0
  }

  /// Queues one step.
  package func step() throws {
    try executable.step()
    stepsDone += 1
  }

  /// Weighted mean distance of the last step's cutouts to the prompts; waits for that step.
  /// - Throws: ``GuidanceError/diverged(step:)`` if it is not a number.
  package func loss() throws -> Float {
    let loss = try executable.read("loss")[0]
    guard loss.isFinite else { throw GuidanceError.diverged(step: stepsDone) }
    return loss
  }

  /// The picture that the last step saw; waits for that step.
  package func image() throws -> Image {
    Image(width: width, height: height, pixels: try executable.read("image"))
  }
}
