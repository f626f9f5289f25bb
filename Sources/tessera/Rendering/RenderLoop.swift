import ArgumentParser
import Foundation
import Guidance
import Imaging
import Support
import Weights

/// The steps of a render: shows progress, saves now and then, ends early on Ctrl-C, and leaves the
/// picture.
struct RenderLoop {
  /// Output when the picture is done.
  enum Report { case none, line, json }

  let session: RenderSession
  let output: String
  let saving: SavingOptions
  let frames: Frames?
  /// Steps between frames, also of a part of the render that keeps none.
  let frameInterval: Int?
  /// Options of the command that resumes the render, each after a space.
  let resumeOptions: String
  let report: Report

  private var descent: Descent { session.descent }

  /// File that an unfinished render leaves to be resumed from; nil where the picture goes to a stream.
  private var statePath: String? {
    guard case .file? = try? OutputDestination(output) else { return nil }
    return output + Self.stateSuffix
  }
  static let stateSuffix = ".resume"

  /// Steps until all are done or Ctrl-C asks to stop.
  /// - Throws: `ExitCode` 130 after Ctrl-C, by convention another one after another signal; errors of
  ///   the device or of a file.
  func run(_ progress: inout ProgressDisplay) throws {
    let clock = ContinuousClock()
    let start = clock.now
    func elapsed() -> Double { (clock.now - start) / .seconds(1) }

    let (steps, first) = (session.steps, session.stepsDone)
    var pace = Pace()
    // The first step is what there is to show, so it is taken in any case.
    while session.stepsDone < steps, session.stepsDone == first || !Interruption.isRequested {
      try session.step()
      let step = session.stepsDone
      // A full disk may have room again before the end.
      do {
        if let frames, frames.isDue(step, of: steps) { try session.write(to: frames.path(of: step)) }
        if let saveEvery = saving.saveEvery, step % saveEvery == 0, step < steps, statePath != nil {
          try save()
        }
      } catch where error is ImageError || error is WeightError {
        progress.finish()
        StandardError.print("tessera: \(error)")
      }
      if pace.isDue(step - first) || step == steps {
        let losses = try descent.losses()
        pace.caughtUp(step - first, at: elapsed())
        progress.update(
          step: step, loss: Losses.text(losses.total, losses.terms), seconds: elapsed())
      }
    }
    let seconds = elapsed()
    progress.finish()
    try session.write(to: output)
    do { try saveState() } catch {
      StandardError.print(
        "tessera: wrote the picture as it stands to \(output), but nothing to go on with")
      throw error
    }
    guard session.stepsDone == steps else {
      let command = statePath.map {
        "; to go on: tessera resume \(ShellWord.path($0))\(saving.arguments)\(resumeOptions)"
      }
      StandardError.print(
        "tessera: interrupted after \(session.stepsDone) of \(steps) steps; wrote the picture as "
          + "it stands to \(output)\(command ?? ", where it cannot be resumed")")
      throw ExitCode(Interruption.status)
    }
    try printReport(steps: steps - first, seconds: seconds)
  }

  private func printReport(steps: Int, seconds: Double) throws {
    switch report {
    case .none: break
    case .json: print(try session.record().json(pretty: true))
    case .line:
      let losses = try descent.losses()
      PictureFile.report(
        "\(output): seed \(session.request.seed), loss \(Losses.text(losses.total, losses.terms)), "
          + "\(steps) steps in \(seconds.formatted(decimals: 1)) s", of: output)
    }
  }

  /// Writes the picture, and beside it what is needed to resume, as long as there is a step to go.
  private func save() throws {
    try session.write(to: output)
    try saveState()
  }

  private func saveState() throws {
    guard let statePath else { return }
    if session.stepsDone < session.steps {
      var saved = try session.saved()
      saved.frameInterval = frameInterval
      try saved.write(to: statePath)
    } else if (try? SavedRender(path: statePath)) != nil {
      try? FileManager.default.removeItem(atPath: statePath)
    }
  }
}
