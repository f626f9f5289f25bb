import TensorGraph
import Weights

/// Weights of a part of a model, as constants of a graph, found by their checkpoint's names.
package struct ModelWeights {
  package let graph: Graph
  package let scope: WeightScope

  package init(_ scope: WeightScope, in graph: Graph) {
    self.graph = graph
    self.scope = scope
  }

  package subscript(name: String) -> ModelWeights { ModelWeights(scope[name], in: graph) }
  package subscript(number: Int) -> ModelWeights { ModelWeights(scope[number], in: graph) }

  /// The tensor `name` of this part, in the layout of the checkpoint; it is read when the graph is
  /// compiled.
  /// - Throws: ``WeightError`` if it is missing or has another shape than `shape`.
  package func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    let weight = try scope.tensor(name, shape: shape)
    let name = "\(scope.file.path):\(weight.name)"
    return graph.constant(name, shape, .reader { try weight.read(into: $0) })
  }
}
