import Execution
import Foundation
import Support
import TensorGraph

/// Runs every stage of the models on a device and holds the results against the CPU path's: how to
/// tell a broken driver from a broken model.
///
/// ```swift
/// let test = try SelfTest(models: .starter())
/// for stage in test.run(on: device) where !stage.isPassed { print(stage.name) }
/// ```
///
/// Each stage starts from what the CPU path made of the one before, so an error is its own.
public struct SelfTest {
  /// What became of one stage on one device.
  public struct Stage: Sendable {
    public let name: String
    /// The largest difference over the largest value; of codes, the share that differs. Infinite
    /// where a value is not a number.
    public let error: Double
    /// The error up to which the stage passes.
    public let tolerance: Double
    /// Why the device could not run the stage, in one line.
    public let failure: String?

    public var isPassed: Bool { failure == nil && error <= tolerance }
  }

  private let checks: [Check]

  /// Runs all stages on the CPU path.
  /// - Throws: an error that names the file, tensor or setting at fault.
  public init(models: ModelFiles) throws {
    checks = try Check.all(models)
  }

  /// Runs all stages on `device`. A stage that the device cannot run has failed; the rest is run.
  ///
  /// - Parameter report: called when a stage is done.
  @discardableResult
  public func run(on device: ComputeDevice, report: (Stage) -> Void = { _ in }) -> [Stage] {
    checks.flatMap { check in
      let stages = check.run(on: device)
      stages.forEach(report)
      return stages
    }
  }
}

/// One graph with its inputs and what the CPU path makes of them.
package struct Check {
  /// A result, and how far a sound device may be off.
  package struct Result {
    let name: String
    let tolerance: Double
    /// Compared as codes: alike or not.
    let isCodes: Bool

    package init(name: String, tolerance: Double, isCodes: Bool = false) {
      self.name = name
      self.tolerance = tolerance
      self.isCodes = isCodes
    }
  }

  let references: [String: [Float]]
  private let results: [Result]
  private let graph: () throws -> Graph
  private let inputs: [String: [Float]]

  /// Runs the graph on the CPU path.
  ///
  /// - Parameter graph: makes a graph with `inputs` and an output for each of `results`, once for
  ///   every device.
  package init(
    _ results: [Result], inputs: [String: [Float]] = [:], graph: @escaping () throws -> Graph
  ) throws {
    self.results = results
    self.graph = graph
    self.inputs = inputs
    references = try Self.values(of: results, graph(), inputs, on: .cpu)
  }

  /// A stage for each result.
  package func run(on device: ComputeDevice) -> [SelfTest.Stage] {
    let values: [String: [Float]]
    do { values = try Self.values(of: results, graph(), inputs, on: device) } catch {
      return results.map {
        SelfTest.Stage(
          name: $0.name, error: .infinity, tolerance: $0.tolerance, failure: "\(error)")
      }
    }
    return results.map {
      let (found, expected) = (values[$0.name]!, references[$0.name]!)
      let error = $0.isCodes
        ? Self.shareOfDifferences(found, expected) : maxRelativeError(found, to: expected)
      return SelfTest.Stage(name: $0.name, error: error, tolerance: $0.tolerance, failure: nil)
    }
  }

  private static func values(
    of results: [Result], _ graph: Graph, _ inputs: [String: [Float]], on device: ComputeDevice
  ) throws -> [String: [Float]] {
    let executable = try device.compile(graph)
    for (name, values) in inputs { try executable.write(name, values) }
    try executable.step()
    return try Dictionary(
      uniqueKeysWithValues: results.map { ($0.name, try executable.read($0.name)) })
  }

  private static func shareOfDifferences(_ values: [Float], _ reference: [Float]) -> Double {
    Double(zip(values, reference).count { $0 != $1 }) / Double(reference.count)
  }
}
