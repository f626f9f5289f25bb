/// Stores as halves what is large and read and written by kernels that know them: weights,
/// activations and their gradients. Values are computed in fp32 as before; statistics, random
/// draws, variables and what the host reads stay fp32.
///
/// It runs last, and only for kernels: the CPU path stores fp32.
package enum StoreHalves: Pass {
  /// Fewest elements worth halving; of fewer the rounding would save nothing.
  static let leastCount = 4096

  package static func run(_ trace: Trace) -> Trace {
    let halves = stored(trace)
    return trace.rewritten { id, builder, new in
      guard halves[id] else { return nil }
      let node = trace.nodes[id]
      let type = TensorType(node.type.shape, .float16)
      let result = builder.add(node.op, node.inputs.map(new), type)
      builder.initialValues[result] = trace.initialValues[id]
      return result
    }
  }

  /// Which nodes are stored as halves.
  private static func stored(_ trace: Trace) -> [Bool] {
    let nodes = trace.nodes
    let consumers = trace.consumers
    let results = Set(trace.results)
    let storage = trace.storage
    var halves = nodes.map { node in
      let isConstant = (node.op as? Source)?.role == .constant
      return node.type.scalar == .float32 && node.type.elementCount >= leastCount
        && (isConstant || node.op.storesHalves)
    }
    for (id, node) in nodes.enumerated() {
      let isReadAsHalves = consumers[id].allSatisfy { reader in
        nodes[reader].op is any ViewOp
          || nodes[reader].inputs.indices.allSatisfy {
            nodes[reader].inputs[$0] != id || nodes[reader].op.readsHalves($0)
          }
      }
      if !isReadAsHalves || results.contains(id) { halves[storage[id]] = false }
      if node.op is any ViewOp { halves[id] = false }
    }
    // Where a kernel wants its inputs stored alike, all are halves or none.
    var isSettled = false
    while !isSettled {
      isSettled = true
      for node in nodes {
        let inputs = node.op.inputsReadAlike.map { storage[node.inputs[$0]] }
        let count = inputs.count { halves[$0] }
        guard count > 0, count < inputs.count else { continue }
        for input in inputs { halves[input] = false }
        isSettled = false
      }
    }
    for id in nodes.indices { halves[id] = halves[storage[id]] }
    return halves
  }
}
