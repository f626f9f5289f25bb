import ArgumentParser
import Foundation
import Guidance
import Imaging
import Weights

/// The steps of a render: shows how far it is, saves now and then, ends early on Ctrl-C, and leaves
/// the picture.
struct Painting {
  let session: RenderSession
  let record: PictureRecord
  let output: String
  let saving: SavingOptions
  let frames: Frames?
  let isQuiet: Bool

  /// Where a render that is not done leaves what it needs to go on.
  var statePath: String { output + Self.stateSuffix }
  static let stateSuffix = ".resume"

  /// Steps until all are done or Ctrl-C asks to stop.
  /// - Throws: `ExitCode` 130 after Ctrl-C, by convention another one after another signal; errors of
  ///   the device or of a file.
  func run(_ progress: inout ProgressDisplay) throws {
    let clock = ContinuousClock()
    let start = clock.now
    func elapsed() -> Double { (clock.now - start) / .seconds(1) }

    let (steps, first) = (session.settings.steps, session.stepsDone)
    var pace = Pace()
    var loss = Float.nan
    // The first step is what there is to show, so it is taken in any case.
    while session.stepsDone < steps, session.stepsDone == first || !Interruption.isRequested {
      try session.step()
      let step = session.stepsDone
      // A full disk may have room again before the end.
      do {
        if let frames, frames.isDue(step, of: steps) { try savePicture(to: frames.path(of: step)) }
        if let saveEvery = saving.saveEvery, step % saveEvery == 0, step < steps { try save() }
      } catch where error is ImageError || error is WeightError {
        progress.finish()
        StandardError.print("tessera: \(error)")
      }
      if pace.isDue(step - first) || step == steps {
        loss = try session.loss()
        pace.caughtUp(step - first, at: elapsed())
        progress.update(step: step, loss: loss, seconds: elapsed())
      }
    }
    let seconds = elapsed()
    progress.finish()
    try savePicture(to: output)
    do { try saveState() } catch {
      StandardError.print(
        "tessera: wrote the picture as it stands to \(output), but nothing to go on with")
      throw error
    }
    guard session.stepsDone == steps else {
      StandardError.print(
        "tessera: interrupted after \(session.stepsDone) of \(steps) steps; wrote the picture as "
          + "it stands to \(output); to go on: tessera resume \(statePath)\(saving.arguments)")
      throw ExitCode(Interruption.status)
    }
    if !isQuiet {
      print(
        "\(output): seed \(session.settings.seed), loss \(loss.formatted(decimals: 4)), "
          + "\(steps - first) steps in \(seconds.formatted(decimals: 1)) s")
    }
  }

  /// Writes the picture, and beside it what is needed to go on, as long as there is a step to go.
  private func save() throws {
    try savePicture(to: output)
    try saveState()
  }

  private func savePicture(to path: String) throws {
    try PNG.write(session.image(), to: path, texts: record.texts(stepsDone: session.stepsDone))
  }

  private func saveState() throws {
    if session.stepsDone < session.settings.steps {
      try session.state(initialImage: record.initialImage).write(to: statePath)
    } else if (try? RenderState(path: statePath)) != nil {
      try? FileManager.default.removeItem(atPath: statePath)
    }
  }
}
