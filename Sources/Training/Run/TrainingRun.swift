import Execution
import Foundation
import Imaging
import Support
import TensorGraph

/// A training from its first step to its last, in a folder that it can go on from.
///
///     let run = try TrainingRun(folder, configuration, on: device)     // or (resuming: folder)
///     try run.run(report: { progress in print(progress) })
package final class TrainingRun {
  /// How often things happen.
  package struct Pace: Sendable {
    /// Steps between two lines of the log.
    package var log = 50
    /// Seconds after which a step is reported that is not in the log.
    package var report = 10.0
    /// Seconds between two checkpoints, each with measures on what is held out, a sheet and a model.
    package var checkpoint = 300.0
    /// Seconds after which to stop; nil trains all steps.
    package var limit: Double?

    package init() {}
  }

  /// What a step tells.
  package struct Progress: Sendable {
    package let step: Int
    package let steps: Int
    package let metrics: [Metric]
    package let isHeldOut: Bool
    /// Pictures a second since training began or was resumed.
    package let picturesPerSecond: Double
    /// Share of the time that was spent waiting for data.
    package let waiting: Double
    package let secondsLeft: Double
  }

  /// Why ``run(pace:isInterrupted:report:)`` returned.
  package enum Outcome: Hashable, Sendable { case done, interrupted, outOfTime }

  package let folder: RunFolder
  package let configuration: RunConfiguration
  private let loop: any TrainingLoop
  private let data: RunData
  private let surroundings: Surroundings
  /// What is not as it was at the last checkpoint, so that the model will differ a little.
  package let warnings: [String]
  /// Seconds of training before this session.
  private var secondsBefore = 0.0
  private var entries: [LogEntry] = []

  package var stepsDone: Int { loop.stepsDone }
  package var skipped: [SkippedPicture] { data.skipped }

  /// Begins a run in a new folder.
  package init(
    _ folder: String, _ configuration: RunConfiguration, on device: ComputeDevice
  ) throws {
    self.folder = RunFolder(folder)
    let configuration = try configuration.takingSizes()
    self.configuration = configuration
    let sources = try RunData.Sources(configuration)
    try self.folder.checkEmpty()
    loop = try RunModel.loop(configuration, sources, isNew: true, on: device)
    data = try RunData(sources, configuration, startingAt: 0)
    surroundings = Surroundings(device, sources)
    warnings = []
    do {
      try self.folder.create()
      try configuration.write(to: self.folder.configuration)
    } catch {
      data.stop()
      throw error
    }
  }

  /// Goes on with a run from its last checkpoint.
  package init(resuming folder: String, on device: ComputeDevice) throws {
    self.folder = RunFolder(folder)
    configuration = try RunConfiguration(readFrom: self.folder.configuration)
    let sources = try RunData.Sources(configuration)
    let saved = try self.folder.saved()
    loop = try RunModel.loop(
      configuration, sources, isNew: saved == nil,
      folder: saved == nil ? nil : self.folder, on: device)
    surroundings = Surroundings(device, sources)
    if let saved {
      try loop.restore(saved.state)
      secondsBefore = saved.notes["tessera.seconds"].flatMap(Double.init) ?? 0
    }
    warnings = surroundings.differences(from: saved?.notes ?? [:])
    try self.folder.truncateLog(after: loop.stepsDone)
    entries = self.folder.entries(upTo: loop.stepsDone)
    data = try RunData(sources, configuration, startingAt: loop.stepsDone)
  }

  /// Trains until all steps are done, `isInterrupted` says so, or the time is over; then, and every few
  /// minutes, saves all that is needed to go on.
  /// - Throws: ``TrainingError/diverged(step:what:)`` if the loss is no number, or next to no codes are
  ///   in use; the last good checkpoint stays.
  package func run(
    pace: Pace = Pace(), isInterrupted: () -> Bool = { false },
    report: (Progress) throws -> Void = { _ in }
  ) throws -> Outcome {
    defer { data.stop() }
    let clock = ContinuousClock()
    let (begin, first) = (clock.now, loop.stepsDone)
    func seconds() -> Double { (clock.now - begin).seconds }
    var lastReport = 0.0
    func tell(_ metrics: [Metric], isHeldOut: Bool = false, isLogged: Bool = true) throws {
      let (spent, done) = (seconds(), loop.stepsDone - first)
      let entry = LogEntry(
        step: loop.stepsDone, seconds: secondsBefore + spent, isHeldOut: isHeldOut, metrics: metrics)
      if isLogged {
        entries.append(entry)
        try folder.log(entry)
      }
      lastReport = spent
      let speed = Double(done) / max(spent, 1e-6)
      try report(
        Progress(
          step: loop.stepsDone, steps: configuration.steps, metrics: metrics,
          isHeldOut: isHeldOut, picturesPerSecond: speed * Double(configuration.batch),
          waiting: data.waited.seconds / max(spent, 1e-6),
          secondsLeft: Double(configuration.steps - loop.stepsDone) / max(speed, 1e-9)))
    }
    func save() throws {
      try check(try loop.metrics())
      if !data.heldOut.isEmpty { try tell(try loop.evaluate(data.heldOut), isHeldOut: true) }
      try loop.export(to: folder.path)
      if let batch = data.shown, let sheet = try loop.samples(batch) {
        try PNG.write(sheet, to: folder.samples(loop.stepsDone))
      }
      try folder.save(
        try loop.snapshot(),
        surroundings.notes.merging(["tessera.seconds": "\(secondsBefore + seconds())"]) { $1 })
      try AtomicFile.write(Data(LossCurve.svg(entries).utf8), to: folder.curve)
    }

    var lastSave = 0.0
    while loop.stepsDone < configuration.steps {
      try loop.step(loop.wantsBatch ? try data.next() : .empty)
      let isLogged = loop.stepsDone % pace.log == 0
      if isLogged || seconds() - lastReport >= pace.report {
        let metrics = try loop.metrics()
        try check(metrics)
        try tell(metrics, isLogged: isLogged)
      }
      let isOver = pace.limit.map { seconds() >= $0 } ?? false
      if isInterrupted() || isOver {
        if loop.stepsDone < configuration.steps {
          try save()
          return isOver ? .outOfTime : .interrupted
        }
      } else if seconds() - lastSave >= pace.checkpoint {
        try save()
        lastSave = seconds()
      }
    }
    if loop.stepsDone > first { try save() }
    return .done
  }

  /// - Throws: ``TrainingError/diverged(step:what:)``.
  private func check(_ metrics: [Metric]) throws(TrainingError) {
    if let metric = metrics.first(where: { !$0.value.isFinite }) {
      throw .diverged(
        step: loop.stepsDone,
        what: "\(metric.name) is no number: go on from the last checkpoint with a lower rate")
    }
    let used = metrics.first { $0.name == "codes used" }?.value ?? 1
    if used < 0.01, loop.stepsDone > 1000 {
      throw .diverged(
        step: loop.stepsDone,
        what: "less than a hundredth of the codes is in use: train with fewer codes, or with a "
          + "codebook of running means")
    }
  }
}

/// What the bytes of a model depend on besides its run's configuration.
private struct Surroundings {
  /// By name in a checkpoint's metadata.
  let notes: [String: String]

  init(_ device: ComputeDevice, _ sources: RunData.Sources) {
    notes = [
      "tessera.device": "\(device)",
      "tessera.threads": "\(ProcessInfo.processInfo.activeProcessorCount)",
      "tessera.data": sources.training.fingerprint,
    ]
  }

  func differences(from former: [String: String]) -> [String] {
    func changed(_ name: String) -> String? {
      former[name].flatMap { $0 == notes[name] ? nil : $0 }
    }
    return [
      changed("tessera.device").map { "the run was on \($0): on another device it differs a little" },
      changed("tessera.threads").map { "the run had \($0) threads: with others it may differ a little" },
      changed("tessera.data").map { _ in "the data are not those of the last checkpoint" },
    ].compactMap { $0 }
  }
}

extension Duration {
  var seconds: Double {
    let (whole, rest) = components
    return Double(whole) + Double(rest) * 1e-18
  }
}
