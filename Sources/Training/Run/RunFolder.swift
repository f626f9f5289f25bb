import Foundation
import Imaging
import Support
import TensorGraph
import Weights

/// Files of a run, in a folder of its own.
package struct RunFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  var configuration: String { path + "/run.json" }
  var checkpoint: String { path + "/checkpoint.safetensors" }
  var log: String { path + "/log.jsonl" }
  var curve: String { path + "/loss.svg" }
  var model: String { path + "/model.safetensors" }
  /// Codes that a transformer's training has computed.
  var codes: String { path + "/codes.safetensors" }
  var vocabulary: String { path + "/merges.txt" }

  func samples(_ step: Int) -> String {
    let digits = String(step)
    return "\(path)/samples-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).png"
  }

  /// - Throws: ``TrainingError/run(_:)`` if the folder holds something already.
  func checkEmpty() throws(TrainingError) {
    let contents = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard contents.isEmpty else {
      throw TrainingError.run(
        FileManager.default.fileExists(atPath: configuration)
          ? "\(path) holds a run already: go on with 'tessera train resume \(path)', or name another "
            + "folder"
          : "\(path) is not empty: name a new folder for the run")
    }
  }

  /// Makes the folder.
  /// - Throws: ``TrainingError/run(_:)``.
  func create() throws(TrainingError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw TrainingError.run("\(path) cannot be made: check the folder above it")
    }
  }

  // MARK: - Checkpoint

  /// Writes all that the run needs to go on; the file is complete or as it was before.
  func save(_ state: [String: HostTensor<Float>], _ notes: [String: String]) throws {
    var writer = SafetensorsWriter(metadata: notes)
    for (name, tensor) in state.sorted(by: { $0.key < $1.key }) {
      writer.add(name, shape: tensor.shape) { () throws(WeightError) in tensor.values }
    }
    try writer.write(to: checkpoint)
  }

  /// Reads what ``save(_:_:)`` wrote; nil before the first checkpoint.
  func saved() throws -> (state: [String: HostTensor<Float>], notes: [String: String])? {
    guard FileManager.default.fileExists(atPath: checkpoint) else { return nil }
    let file = try WeightFile(path: checkpoint)
    var state: [String: HostTensor<Float>] = [:]
    for tensor in file.tensors {
      state[tensor.name] = HostTensor(shape: tensor.shape, try tensor.floats())
    }
    return (state, file.metadata)
  }

  // MARK: - Log

  /// Appends a line.
  func log(_ entry: LogEntry) throws {
    let line = try entry.line()
    guard let file = fopen(log, "a") else {
      throw FileError.unwritable(path: log, reason: systemReason())
    }
    defer { fclose(file) }
    guard fputs(line + "\n", file) >= 0 else {
      throw FileError.unwritable(path: log, reason: systemReason())
    }
  }

  /// Lines of the log up to `step`; a last line that is cut off is left out.
  func entries(upTo step: Int) -> [LogEntry] {
    guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { LogEntry(line: String($0)) }
      .filter { $0.step <= step }
  }

  /// Drops the lines after `step`, which a run that goes on from there writes again.
  func truncateLog(after step: Int) throws {
    guard FileManager.default.fileExists(atPath: log) else { return }
    let lines = try entries(upTo: step).map { try $0.line() + "\n" }
    try AtomicFile.write(Data(lines.joined().utf8), to: log)
  }
}

/// Numbers of a step, as a line of the log.
package struct LogEntry: Hashable, Sendable {
  package var step: Int
  /// Seconds of training up to this step, over all sessions of the run.
  package var seconds: Double
  /// Whether the numbers are of pictures that are held out.
  package var isHeldOut: Bool
  package var metrics: [Metric]

  package init(step: Int, seconds: Double, isHeldOut: Bool, metrics: [Metric]) {
    (self.step, self.seconds, self.isHeldOut, self.metrics) = (step, seconds, isHeldOut, metrics)
  }

  private static let heldOutKey = "held out"

  func line() throws -> String {
    var values: [String: Any] = ["step": step, "seconds": (seconds * 10).rounded() / 10]
    if isHeldOut { values[Self.heldOutKey] = true }
    // Six digits, as floats have.
    for metric in metrics {
      values[metric.name] = Double(String(format: "%.6g", Double(metric.value))) ?? 0
    }
    let data = try JSONSerialization.data(withJSONObject: values, options: [.sortedKeys])
    return String(decoding: data, as: UTF8.self)
  }

  init?(line: String) {
    guard
      let values = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let step = values["step"] as? Int, let seconds = values["seconds"] as? Double
    else { return nil }
    (self.step, self.seconds) = (step, seconds)
    isHeldOut = values[Self.heldOutKey] as? Bool ?? false
    let own: Set = ["step", "seconds", Self.heldOutKey]
    metrics = values.sorted { $0.key < $1.key }.compactMap { name, value in
      guard !own.contains(name), let value = value as? Double else { return nil }
      return Metric(name, Float(value))
    }
  }
}
