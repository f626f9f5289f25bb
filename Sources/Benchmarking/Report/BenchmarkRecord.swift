import Execution
import Foundation
import TensorGraph

/// What a measurement leaves behind: the results, and what is needed to repeat them.
package struct BenchmarkRecord<Results: Encodable>: Encodable {
  /// The reference step that was measured.
  package struct Work: Encodable {
    package let width: Int
    package let height: Int
    package let cutouts: Int
    package let precision: Precision

    package init(_ step: ReferenceStep) {
      width = step.width
      height = step.height
      cutouts = step.cutouts
      precision = step.precision
    }
  }

  package let work: Work
  /// When it was made, in ISO 8601.
  package let date: String
  /// The command line.
  package let command: String
  /// Tessera's version.
  package let version: String
  package let results: Results

  package init(
    _ results: Results, of step: ReferenceStep, command: String, version: String, date: Date = .now
  ) {
    work = Work(step)
    self.date = date.ISO8601Format()
    self.command = command
    self.version = version
    self.results = results
  }
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
