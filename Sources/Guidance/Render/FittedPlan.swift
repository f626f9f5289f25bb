import Execution
import TensorGraph

/// A step as it fits a device's memory with the least work.
///
/// Memory is saved in two ways. Values are computed again rather than kept, which changes no bit of
/// the result. And the perceptor sees the cutouts in batches, one after the other, which costs
/// less but rounds otherwise: so all are seen at once as long as that repeats little.
package struct FittedPlan {
  package let plan: Plan
  /// In which the perceptor sees the cutouts.
  package let batches: Int
  /// How weights and activations are stored.
  package let precision: Precision

  /// Most work that is repeated, in parts of all work, with all cutouts seen at once.
  private static let toleratedRepetition = 0.1
  /// Work that twice as many batches must save, in parts of all work.
  private static let worthwhileGain = 0.03

  /// - Parameters:
  ///   - cutouts: of a step, at least one.
  ///   - graph: of the step with its cutouts in so many batches.
  /// - Throws: what `graph` throws, or the device's error for the plan that was nearest to fitting.
  package init(
    cutouts: Int, on device: ComputeDevice, graph: (_ batches: Int) throws -> Graph
  ) throws {
    var best: FittedPlan?
    var failure: ExecutionError?
    var batches = 1
    while true {
      let nearest = failure?.shortage ?? .max
      do {
        let graph = try graph(batches)
        let step = FittedPlan(
          plan: try device.plan(graph), batches: batches, precision: graph.precision)
        if let known = best, step.work > known.work * (1 - Self.worthwhileGain) { break }
        best = step
        if step.plan.repeatedShare <= (batches == 1 ? Self.toleratedRepetition : 0) { break }
      } catch let error as ExecutionError where error.shortage > 0 {
        if error.shortage < nearest { failure = error }
        // Batches that save little will not save enough.
        if Double(error.shortage) > 0.97 * Double(nearest) { break }
      }
      if batches == cutouts { break }
      batches = min(2 * batches, cutouts)
    }
    guard let best else { throw failure! }
    self = best
  }

  init(plan: Plan, batches: Int, precision: Precision) {
    self.plan = plan
    self.batches = batches
    self.precision = precision
  }

  private var work: Double { plan.weightedCost }
}
