import Execution
import Imaging
import TensorGraph

/// A training's programs and what they share: a step on a batch, and what a run needs of it.
package protocol TrainingLoop: AnyObject {
  /// Steps done since the first one.
  var stepsDone: Int { get }

  /// Whether the next step reads a batch; if not, it is given an empty one.
  var wantsBatch: Bool { get }

  /// Does one step on `batch`. Returns when it is queued.
  func step(_ batch: Batch) throws

  /// Values of the last step by name, in the order they are told; waits for it.
  func metrics() throws -> [Metric]

  /// All that the next step depends on, by name; waits for the last step.
  func snapshot() throws -> [String: HostTensor<Float>]

  /// Takes up what ``snapshot()`` gave of a loop of the same configuration.
  func restore(_ state: [String: HostTensor<Float>]) throws

  /// Measures on pictures that are held out of training.
  func evaluate(_ batches: [Batch]) throws -> [Metric]

  /// A sheet that shows what the model does with `batch`; nil if there is nothing to see.
  func samples(_ batch: Batch) throws -> Image?

  /// Writes the model as it stands into `folder`, in the form that other commands read.
  func export(to folder: String) throws
}

extension TrainingLoop {
  package var wantsBatch: Bool { true }
}

/// A number that training tells.
package struct Metric: Hashable, Sendable, Codable {
  package let name: String
  package let value: Float

  package init(_ name: String, _ value: Float) { (self.name, self.value) = (name, value) }
}
