/// Stores large tensors as fp16 where every kernel that writes or reads them can: weights,
/// activations and their gradients. Arithmetic stays fp32, and so do statistics, random draws,
/// variables and what the host reads.
///
/// Runs last, and only for kernels: the CPU path stores fp32.
package enum StoreFP16: Pass {
  /// Fewest elements worth storing as fp16: below, rounding would save nothing.
  static let minCount = 4096

  package static func run(_ trace: Trace) -> Trace {
    // What dead nodes read does not count.
    let trace = trace.cleaned()
    let isFP16 = stored(trace)
    return trace.rewritten { id, builder, new in
      guard isFP16[id] else { return .kept }
      let node = trace.nodes[id]
      let result = builder.add(
        node.op, node.inputs.map(new), TensorType(node.type.shape, .float16),
        epilogue: node.epilogue)
      builder.initialValues[result] = trace.initialValues[id]
      return .node(result)
    }
  }

  /// For each node, whether it is stored as fp16.
  private static func stored(_ trace: Trace) -> [Bool] {
    let nodes = trace.nodes
    let computations = nodes.indices.map(trace.computation)
    let consumers = trace.consumers
    let results = Set(trace.results)
    let storage = trace.storage
    var isFP16 = nodes.indices.map { id in
      let (node, source) = (nodes[id], nodes[id].op as? Source)
      return node.type.scalar == .float32 && node.type.elementCount >= minCount
        && (source?.role == .constant || source == nil && computations[id].storesFP16)
    }
    for (id, node) in nodes.enumerated() {
      let isReadAsFP16 = consumers[id].allSatisfy { reader in
        nodes[reader].op is any ViewOp
          || nodes[reader].inputs.indices.allSatisfy {
            nodes[reader].inputs[$0] != id || computations[reader].readsFP16($0)
          }
      }
      if !isReadAsFP16 || results.contains(id) { isFP16[storage[id]] = false }
      if node.op is any ViewOp { isFP16[id] = false }
    }
    // Where a kernel's inputs must match, all are fp16 or none.
    var isSettled = false
    while !isSettled {
      isSettled = true
      for (node, computation) in zip(nodes, computations) {
        let inputs = computation.matchingInputs.map { storage[node.inputs[$0]] }
        let count = inputs.count { isFP16[$0] }
        guard count > 0, count < inputs.count else { continue }
        for input in inputs { isFP16[input] = false }
        isSettled = false
      }
    }
    for id in nodes.indices { isFP16[id] = isFP16[storage[id]] }
    return isFP16
  }
}
