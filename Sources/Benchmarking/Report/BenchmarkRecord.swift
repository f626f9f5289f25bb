import Execution
import Foundation
import TensorGraph

/// What a measurement leaves behind: the results, and what is needed to repeat them.
package struct BenchmarkRecord<Results: Encodable>: Encodable {
  package let work: WorkRecord
  /// When it was made, in ISO 8601.
  package let date: String
  /// The command line.
  package let command: String
  /// Tessera's version.
  package let version: String
  package let results: Results

  package init(
    _ results: Results, of step: any StepWork, command: String, version: String, date: Date = .now
  ) {
    work = step.record
    self.date = date.ISO8601Format()
    self.command = command
    self.version = version
    self.results = results
  }
}

/// The step that was measured.
package struct WorkRecord: Hashable, Sendable, Encodable {
  /// `render`, `train-vqgan` or `train-clip`.
  package let kind: String
  /// Of its pictures, in pixels.
  package let width: Int
  package let height: Int
  /// Of a render.
  package var cutouts: Int?
  /// Pictures of a training's step.
  package var batch: Int?
  package let precision: Precision
}

/// A device, as results name it.
package struct DeviceSummary: Encodable, Hashable, Sendable {
  package let id: String
  package let name: String
  package let platform: String
  package let version: String
  package let driver: String
  package let computeUnits: Int

  package init(_ device: ComputeDevice) {
    id = device.id
    name = device.name
    platform = device.platform
    version = device.version
    driver = device.driver
    computeUnits = device.computeUnits
  }

  /// One line: what it is called, and what it is.
  package var line: String { "\(id): \(name), \(version.isEmpty ? platform : version)" }
}
