import Execution
import Imaging

/// A latent on its way to where the perceptor sees the prompts: one compiled program, run once a
/// step.
package final class LatentDescent {
  package let width: Int
  package let height: Int
  package private(set) var stepsDone = 0
  package let executable: any Executable

  /// - Parameter executable: of a ``GuidanceStep`` with these `settings`.
  init(_ executable: any Executable, _ settings: RenderSettings) {
    self.executable = executable
    (width, height) = (settings.width, settings.height)
  }

  /// Begins, forgetting what was done.
  /// - Parameter start: latent [1,rows,columns,channels], row-major.
  package func begin(from start: [Float]) throws {
    let zeros = [Float](repeating: 0, count: start.count)
    try go(on: start, moments: GuidanceStep.momentNames.map { _ in zeros }, stepsDone: 0)
  }

  /// Takes up what another descent of the same size had reached.
  func go(on latent: [Float], moments: [[Float]], stepsDone: Int) throws {
    try executable.write(GuidanceStep.latentName, latent)
    for (name, moment) in zip(GuidanceStep.momentNames, moments) {
      try executable.write(name, moment)
    }
    try executable.write(GuidanceStep.stepName, [Float(stepsDone)])
    self.stepsDone = stepsDone
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
