import Execution
import Guidance
import TensorGraph

/// A step whose speed and memory are measured.
package protocol StepWork: Sendable {
  /// Title of a report on it.
  var title: String { get }
  /// How weights and activations are stored.
  var precision: Precision { get }
  var record: WorkRecord { get }

  /// The plan of a step that fits the device.
  func plan(on device: ComputeDevice) throws -> Plan

  /// Gives the inputs of the compiled step their values.
  func begin(_ executable: any Executable) throws
}

extension ReferenceStep: StepWork {
  package var title: String { "One step at \(width)x\(height) with \(cutouts) cutouts" }

  package var record: WorkRecord {
    WorkRecord(
      kind: "render", width: width, height: height, cutouts: cutouts, precision: precision)
  }

  package func plan(on device: ComputeDevice) throws -> Plan {
    try FittedPlan(cutouts: cutouts, on: device) { try graph(batches: $0) }.plan
  }
}
