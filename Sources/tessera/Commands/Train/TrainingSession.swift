import Foundation
import Training

/// A run as the command line shows it: a line of progress, Ctrl-C, what to do next.
struct TrainingSession {
  let pace: PaceOptions

  func run(_ make: () throws -> TrainingRun) throws {
    if !pace.quiet { StandardError.showProgress("setting up") }
    let run = try make()
    for warning in run.warnings {
      StandardError.showProgress("")
      StandardError.print("tessera: \(warning)")
    }
    Interruption.prepare()
    var named = 0
    let outcome = try run.run(
      pace: pace.pace, isInterrupted: { Interruption.isRequested },
      report: { progress in
        for picture in run.skipped.dropFirst(named) {
          StandardError.showProgress("")
          StandardError.print("tessera: skipped \(picture)")
        }
        named = run.skipped.count
        if !pace.quiet { show(progress) }
      })
    StandardError.showProgress("")
    let folder = run.folder.path
    switch outcome {
    case .done: print("\(folder): \(run.stepsDone) steps done; the model is \(folder)/model.safetensors")
    case .outOfTime, .interrupted:
      print(
        "\(folder): stopped after \(run.stepsDone) of \(run.configuration.steps) steps; go on with "
          + "'tessera train resume \(folder)'")
    }
    if outcome == .interrupted { Foundation.exit(Interruption.status) }
  }

  private func show(_ progress: TrainingRun.Progress) {
    let numbers = progress.metrics.map { metric in
      "\(metric.name) \(String(format: "%.4g", metric.value))"
    }.joined(separator: "  ")
    var text = "step \(progress.step)/\(progress.steps)  \(numbers)"
    if progress.isHeldOut {
      text = "held out: \(numbers)"
    } else {
      text += String(
        format: "  %.1f pictures/s  %.1f %% waiting  ", progress.picturesPerSecond,
        100 * progress.waiting)
      text += ProgressDisplay.duration(progress.secondsLeft) + " left"
    }
    // Lines that a terminal would overwrite are worth keeping in a file.
    if StandardError.isTerminal, !progress.isHeldOut {
      StandardError.showProgress(text)
    } else {
      StandardError.showProgress("")
      StandardError.print(text)
    }
  }
}
