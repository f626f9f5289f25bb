import TensorGraph

/// A layer's scope in the graph, named as in the checkpoint: `decoder/up.2/block.0`.
package struct LayerScope {
  private let graph: Graph
  /// Names from the model's root, each with its number in a list.
  private let names: [String]

  /// - Parameter path: of the layer's weights in the checkpoint: `decoder`, `up`, `2`, `block`, `0`.
  init(_ path: [String], in graph: Graph) {
    self.graph = graph
    names = path.reduce(into: []) { names, part in
      if Int(part) != nil, let last = names.popLast() {
        names.append("\(last).\(part)")
      } else {
        names.append(part)
      }
    }
  }

  /// Names the nodes that `body` traces; see ``Graph/scope(_:file:line:_:)``. Of the names, those
  /// of the layers around this one are open already.
  func callAsFunction(
    file: StaticString = #fileID, line: UInt = #line, _ body: () -> Tensor
  ) -> Tensor {
    let open = graph.openScope
    let count = names.indices.reversed().first { count in
      let around = names[..<count].joined(separator: "/")
      return count == 0 || open == around || open.hasSuffix("/" + around)
    }
    let name = names.dropFirst(count ?? 0).joined(separator: "/")
    return graph.scope(name, file: file, line: line, body)
  }
}
