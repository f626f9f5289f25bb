import Execution
import Imaging
import TensorGraph

/// A latent on its way to where the perceptor sees the prompts: one compiled program, run once a
/// step.
package final class LatentDescent {
  package let width: Int
  package let height: Int
  /// Steps queued so far; those that turned out to be repeated are taken off when one is waited for.
  package private(set) var stepsDone = 0
  package let executable: any Executable
  private let isHalf: Bool
  /// Whether the latent is held to where it starts.
  private let isHeld: Bool
  /// Of the whole descent.
  private let steps: Int

  /// - Parameter executable: of a ``GuidanceStep`` with these `settings`.
  package init(_ executable: any Executable, _ settings: RenderSettings) {
    self.executable = executable
    (width, height) = (settings.width, settings.height)
    isHalf = settings.precision == .half
    isHeld = settings.initialWeight > 0
    steps = settings.steps
  }

  /// Begins, forgetting what was done.
  /// - Parameter start: latent [1,rows,columns,channels], row-major.
  package func begin(from start: [Float]) throws {
    let zeros = [Float](repeating: 0, count: start.count)
    try go(
      on: start, initial: isHeld ? start : nil, moments: GuidanceStep.momentNames.map { _ in zeros },
      lossScale: LossScale.initial, stepsDone: 0)
  }

  /// Takes up what another descent of the same size had reached.
  /// - Parameters:
  ///   - initial: the latent it began from, where it is held to that.
  ///   - lossScale: not used in full precision.
  func go(
    on latent: [Float], initial: [Float]?, moments: [[Float]], lossScale: Float, stepsDone: Int
  ) throws {
    try executable.write(GuidanceStep.latentName, latent)
    if let initial { try executable.write(GuidanceStep.initialLatentName, initial) }
    for (name, moment) in zip(GuidanceStep.momentNames, moments) {
      try executable.write(name, moment)
    }
    if isHalf { try executable.write(GuidanceStep.lossScaleName, [lossScale]) }
    try executable.write(GuidanceStep.stepName, [Float(stepsDone)])
    self.stepsDone = stepsDone
  }

  /// Queues one step.
  package func step() throws {
    try executable.step()
    stepsDone += 1
    // Those to be repeated are known before anyone takes the render for finished.
    if isHalf && stepsDone == steps { try countSteps() }
  }

  /// What ``go(on:initial:moments:lossScale:stepsDone:)`` takes, as it stands; waits for the last step.
  func state() throws -> (
    latent: [Float], initial: [Float]?, moments: [[Float]], lossScale: Float
  ) {
    try countSteps()
    return (
      try executable.read(GuidanceStep.latentName),
      isHeld ? try executable.read(GuidanceStep.initialLatentName) : nil,
      try GuidanceStep.momentNames.map(executable.read),
      isHalf ? try executable.read(GuidanceStep.lossScaleName)[0] : LossScale.initial
    )
  }

  /// Brings the number of steps up to date: in half precision a step may have to be repeated.
  /// - Throws: ``GuidanceError/diverged(step:)`` if the last gradient was not finite, and no smaller
  ///   scale of the loss will make the next one so.
  private func countSteps() throws {
    stepsDone = Int(try executable.read(GuidanceStep.stepName)[0])
    guard try executable.read(GuidanceStep.hasDivergedName)[0] != 0 else { return }
    let scale = isHalf ? try executable.read(GuidanceStep.lossScaleName)[0] : 0
    if scale < LossScale.smallest { throw GuidanceError.diverged(step: stepsDone) }
  }

  /// Weighted mean distance of the last step's cutouts to the prompts; waits for that step.
  /// - Throws: ``GuidanceError/diverged(step:)`` if it or its gradient is not a number.
  package func loss() throws -> Float {
    let loss = try executable.read("loss")[0]
    guard loss.isFinite else { throw GuidanceError.diverged(step: stepsDone) }
    try countSteps()
    return loss
  }

  /// The picture that the last step saw; waits for that step.
  package func image() throws -> Image {
    try countSteps()
    return Image(width: width, height: height, pixels: try executable.read("image"))
  }
}
