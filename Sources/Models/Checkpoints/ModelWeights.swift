import TensorGraph
import Weights

/// Weights of a part of a model, as constants of a graph, found by their original's names.
package struct ModelWeights {
  package let graph: Graph
  private let weights: NamedWeights
  private let path: [String]

  /// All of a model's weights.
  package init(_ weights: NamedWeights, in graph: Graph) {
    self.init(weights, path: [], in: graph)
  }

  private init(_ weights: NamedWeights, path: [String], in graph: Graph) {
    self.graph = graph
    self.weights = weights
    self.path = path
  }

  package subscript(name: String) -> ModelWeights {
    ModelWeights(weights, path: path + [name], in: graph)
  }
  package subscript(number: Int) -> ModelWeights { self[String(number)] }

  /// Whether this part has the tensor `name`.
  package func contains(_ name: String) -> Bool { weights.contains(fullName(name)) }

  /// The tensor `name` of this part, in the layout of the original; it is read when the graph is
  /// compiled.
  /// - Throws: ``WeightError`` if it is missing or has another shape than `shape`.
  package func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    let tensor = try weights.tensor(fullName(name), shape: shape)
    let stored = graph.constant(
      "\(weights.file):\(tensor.name)", tensor.storedShape, .reader { try tensor.read(into: $0) })
    return tensor.isTransposed ? stored.permuted(Array(shape.indices.reversed())) : stored
  }

  private func fullName(_ name: String) -> String { (path + [name]).joined(separator: ".") }
}
