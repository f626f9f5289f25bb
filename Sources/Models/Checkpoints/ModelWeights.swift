import TensorGraph

/// Where a model's tensors come from, under the names that its original gives them.
package protocol ModelTensors: Sendable {
  /// Whether there is a tensor that the original calls `name`.
  func contains(_ name: String) -> Bool

  /// The tensor that the original calls `name`, in the original's layout. Its value is read when
  /// the graph is compiled, and only if something needs it.
  /// - Throws: if it is missing or has another shape than `shape`.
  func tensor(_ name: String, _ shape: Shape, in graph: Graph) throws -> Tensor
}

/// Weights of a part of a model, as constants of a graph, found by their original's names.
package struct ModelWeights {
  package let graph: Graph
  private let tensors: any ModelTensors
  private let path: [String]

  /// All of a model's weights.
  package init(_ tensors: any ModelTensors, in graph: Graph) {
    self.init(tensors, path: [], in: graph)
  }

  private init(_ tensors: any ModelTensors, path: [String], in graph: Graph) {
    self.graph = graph
    self.tensors = tensors
    self.path = path
  }

  package subscript(name: String) -> ModelWeights {
    ModelWeights(tensors, path: path + [name], in: graph)
  }
  package subscript(number: Int) -> ModelWeights { self[String(number)] }

  /// Scope of this part's layer.
  package var scope: LayerScope { LayerScope(path, in: graph) }

  /// Whether this part has the tensor `name`.
  package func contains(_ name: String) -> Bool { tensors.contains(fullName(name)) }

  /// The tensor `name` of this part, in the layout of the original; see ``ModelTensors``.
  package func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    try tensors.tensor(fullName(name), shape, in: graph)
  }

  private func fullName(_ name: String) -> String { (path + [name]).joined(separator: ".") }
}
