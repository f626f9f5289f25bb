/// The two programs of a trace: what is computed once, from constants alone, and what in every
/// step.
struct Phases {
  /// Node whose memory holds each node's value: itself, or the source of a reshape.
  let storage: [Int]
  /// Computed nodes in the order they run.
  let setup: [Int]
  let loop: [Int]
  /// Storage nodes with memory of their own from the first step to the last: variables, inputs and
  /// outputs, and of what constants tell all that a step or the host reads.
  let owned: Set<Int>

  init(_ trace: Trace) {
    let nodes = trace.nodes
    var storage = Array(nodes.indices)
    let isFixed = trace.isFixed
    var setup: [Int] = []
    var loop: [Int] = []
    for (id, node) in nodes.enumerated() {
      if node.op is Reshape { storage[id] = storage[node.inputs[0]] }
      if node.op is Source || node.op is Literal || node.op is Reshape { continue }
      if isFixed[id] { setup.append(id) } else { loop.append(id) }
    }
    let results = trace.results.map { storage[$0] }
    let readInLoop = Set(loop.flatMap { nodes[$0].inputs }.map { storage[$0] })
    var owned = Set(trace.outputs.map { storage[$0.node] })
    for id in nodes.indices where storage[id] == id {
      if isFixed[id] ? readInLoop.contains(id) : nodes[id].op is Source { owned.insert(id) }
    }
    owned.formUnion(results.filter { isFixed[$0] })
    self.storage = storage
    self.setup = setup
    self.loop = loop
    self.owned = owned
  }

  /// Storage nodes whose memory the value of `id` may take, if nothing reads them any more.
  func overwritable(by id: Int, in trace: Trace) -> [Int] {
    let node = trace.nodes[id]
    let allowed = Set(node.op.overwritableInputs)
    let candidates = allowed.sorted().map { storage[node.inputs[$0]] }.filter { input in
      !owned.contains(input) && trace.nodes[input].type.byteCount == node.type.byteCount
        && node.inputs.indices.allSatisfy {
          storage[node.inputs[$0]] != input || allowed.contains($0)
        }
    }
    return candidates
  }
}
