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
    try test.compare(on: ComputeDevice.all()) { device, figures in
      for figure in figures {
        let tolerance: Float = figure.isGradient ? 5e-4 : 5e-5
        #expect(figure.error <= tolerance, "\(figure.part) on \(device): \(figure.error)")
      }
    }
  }

  /// The folder that `make public-check` makes, of files as large as the public ones.
  static let publicFolder = ProcessInfo.processInfo.environment["TESSERA_PUBLIC"] ?? ""

  /// Full-size ones: values to 1e-4; gradients to 1e-3, or as close as PyTorch's own fp32 comes,
  /// twice over: at a ReLU, rounding decides on which side of its kink a value near 0 lies.
  ///
  /// Prints rows of a table: PyTorch's fp32, the CPU path, then OpenCL devices.
  @Test(.enabled(if: !publicFolder.isEmpty), arguments: CheckpointCase.all(in: publicFolder))
  func publicCheckpoint(_ test: CheckpointCase) throws {
    func text(_ error: Float?) -> String {
      error.map { $0 == 0 ? "0" : String(format: "%.0e", $0) } ?? "–"
    }
    var rows: [String] = []
    try test.compare(on: ComputeDevice.all()) { device, figures in
      if rows.isEmpty {
        rows = figures.map { "| \(test.testDescription) | \($0.part) | \(text($0.peer)) |" }
      }
      for (row, figure) in figures.enumerated() {
        let tolerance = figure.isGradient ? max(1e-3, 2 * (figure.peer ?? 0)) : 1e-4
        #expect(figure.error <= tolerance, "\(figure.part) on \(device): \(figure.error)")
        rows[row] += " \(text(figure.error)) |"
      }
    }
    print(rows.joined(separator: "\n"))
  }
}
