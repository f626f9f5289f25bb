import Foundation

/// Batches of a run: those to learn from, read ahead, and those held out.
final class RunData {
  /// What a run reads, opened.
  struct Sources {
    let training: TrainingData
    let heldOut: TrainingData?

    init(_ configuration: RunConfiguration) throws {
      var data = try TrainingData(configuration.data)
      if configuration.model.readsCaptions { try data.requireCaptions() }
      if let path = configuration.heldOut {
        (training, heldOut) = (data, try TrainingData(path))
      } else if let count = data.count {
        // A twentieth, one batch to four; none if one is more than a sixth.
        let batch = configuration.batch
        let held = count < 6 * batch ? 0 : batch * min(4, max(1, count / (20 * batch)))
        guard held > 0 else {
          (training, heldOut) = (data, nil)
          return
        }
        let parts = try data.split(holding: held, seed: configuration.seed)
        (training, heldOut) = (parts.training, parts.heldOut)
      } else {
        (training, heldOut) = (data, nil)
      }
    }
  }

  /// Batches that the model never learns from, at most four; empty if there are none.
  let heldOut: [Batch]
  /// Batch for sheets: held out if any is; nil for a pipe alone.
  let shown: Batch?
  private let loader: BatchLoader

  var waited: Duration { loader.waited }
  var skipped: [SkippedPicture] { loader.skipped }

  init(_ sources: Sources, _ configuration: RunConfiguration, startingAt step: Int) throws {
    func batches(_ count: Int, of data: TrainingData) throws -> [Batch] {
      let loader = try BatchLoader(
        data, size: configuration.size, batch: configuration.batch, seed: 0, crop: .center,
        startingAt: 0)
      defer { loader.stop() }
      return try (0..<count).map { _ in try loader.next() }
    }
    // What a program draws is taken as it is.
    let isPipe = sources.training.count == nil
    heldOut = try sources.heldOut.map { data in
      try batches(data.count.map { min(4, $0 / configuration.batch) } ?? 4, of: data)
    } ?? []
    shown = try heldOut.first ?? (isPipe ? nil : batches(1, of: sources.training)[0])
    loader = try BatchLoader(
      sources.training, size: configuration.size, batch: configuration.batch,
      seed: configuration.seed, crop: isPipe ? .center : configuration.settings.crop,
      startingAt: step)
  }

  func next() throws -> Batch { try loader.next() }

  func stop() { loader.stop() }
}
