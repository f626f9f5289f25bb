import Execution
import Foundation
import Models
import TestSupport
import Testing

/// Every kind of public checkpoint, in files as their projects publish them, against the originals
/// on every device.
@Suite struct CheckpointTests {
  static let fixtures = Originals.root + "/Tests/Fixtures/checkpoints"

  /// Tiny ones: values to 5e-5, gradients to 5e-4 of the largest.
  @Test(arguments: CheckpointCase.all(in: fixtures)) func fixture(_ test: CheckpointCase) throws {
    try test.errors(on: ComputeDevice.all()) { device, errors in
      for (part, error) in errors.values {
        #expect(error <= 5e-5, "\(part) on \(device): \(error)")
      }
      #expect(errors.gradient <= 5e-4, "gradient on \(device): \(errors.gradient)")
      #expect(errors.wrongCodes == 0, "\(errors.wrongCodes) codes on \(device)")
    }
  }

  /// The folder that `make public-check` makes, of files as large as the public ones.
  static let publicFolder = ProcessInfo.processInfo.environment["TESSERA_PUBLIC"] ?? ""

  /// Full-size ones: values to 1e-4, gradients to 1e-3. Prints what differs as rows of a table: CPU
  /// path, then OpenCL devices.
  @Test(.enabled(if: !publicFolder.isEmpty), arguments: CheckpointCase.all(in: publicFolder))
  func publicCheckpoint(_ test: CheckpointCase) throws {
    var rows: [(part: String, figures: [String])] = []
    try test.errors(on: ComputeDevice.all()) { device, errors in
      let figures = errors.values.map { ($0.part, $0.error, Float(1e-4)) }
        + [("gradient", errors.gradient, 1e-3), ("wrong codes", Float(errors.wrongCodes), 0)]
      for (index, (part, error, tolerance)) in figures.enumerated() {
        #expect(error <= tolerance, "\(part) on \(device): \(error)")
        if rows.count == index { rows.append((part, [])) }
        rows[index].figures.append(error == 0 ? "0" : String(format: "%.0e", error))
      }
    }
    for row in rows {
      print("| \(test.testDescription) | \(row.part) | \(row.figures.joined(separator: " | ")) |")
    }
  }
}
