import TensorGraph

/// The tensors of a plan that the host writes and reads, by name.
struct TensorNames {
  /// Nodes of inputs and variables.
  private let sources: [String: Int]
  /// Nodes of outputs.
  private let outputs: [String: Int]

  init(_ plan: Plan) {
    var sources: [String: Int] = [:]
    for (id, node) in plan.trace.nodes.enumerated() {
      if let source = node.op as? Source, source.role != .constant { sources[source.label] = id }
    }
    self.sources = sources
    outputs = Dictionary(uniqueKeysWithValues: plan.trace.outputs.map { ($0.name, $0.node) })
  }

  /// Node of an input or a variable.
  func writable(_ name: String) throws(ExecutionError) -> Int {
    if let id = sources[name] { return id }
    throw .unknownTensor(name: name, known: Array(sources.keys))
  }

  /// Node of an output, an input or a variable.
  func readable(_ name: String) throws(ExecutionError) -> Int {
    if let id = outputs[name] ?? sources[name] { return id }
    throw .unknownTensor(name: name, known: Array(sources.keys) + outputs.keys)
  }
}

extension Plan {
  /// Checks that `count` values fill the tensor of node `id`.
  func check(_ count: Int, for id: Int, _ name: String) throws(ExecutionError) {
    let type = trace.nodes[id].type
    guard count == type.elementCount else {
      throw .wrongCount(name: name, expected: type, given: count)
    }
  }
}
