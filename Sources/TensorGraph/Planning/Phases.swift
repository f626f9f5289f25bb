/// The two programs of a trace: nodes that depend on constants alone, computed once, and the others,
/// computed in every step.
struct Phases {
  /// Node whose memory holds each node's value: itself, or what it is a view of.
  let storage: [Int]
  /// Nodes computed once, before the first step, in the order they run.
  let once: [Int]
  /// Nodes computed in every step, in the order they run.
  let perStep: [Int]
  /// Variables by the computed nodes, their new values, that are written over them.
  let inPlace: [Int: Int]
  /// Storage nodes with memory of their own from the first step to the last: variables, inputs,
  /// outputs, and values made of constants that a step or the host reads.
  let owned: Set<Int>

  init(_ trace: Trace) {
    let nodes = trace.nodes
    let storage = trace.storage
    let isFixed = trace.isFixed
    var once: [Int] = []
    var perStep: [Int] = []
    for (id, node) in nodes.enumerated() {
      if node.op is Source || node.op is Literal || node.op is any ViewOp { continue }
      if isFixed[id] { once.append(id) } else { perStep.append(id) }
    }
    let results = trace.results.map { storage[$0] }
    let readInLoop = Set(perStep.flatMap { nodes[$0].inputs }.map { storage[$0] })
    var owned = Set(trace.outputs.map { storage[$0.node] })
    for id in nodes.indices where storage[id] == id {
      if isFixed[id] ? readInLoop.contains(id) : nodes[id].op is Source { owned.insert(id) }
    }
    owned.formUnion(results.filter { isFixed[$0] })
    self.storage = storage
    self.once = Self.groupedByWeight(once, nodes, storage)
    let updates = InPlaceUpdates(trace, loop: perStep, storage: storage, owned: owned)
    self.perStep = updates.loop
    inPlace = updates.variables
    self.owned = owned
  }

  /// `once` in an order in which all that is made of a weight is made at once, so that few weights
  /// are held in a form that no step reads.
  private static func groupedByWeight(
    _ once: [Int], _ nodes: [Trace.Node], _ storage: [Int]
  ) -> [Int] {
    var missing: [Int: Int] = [:]
    var readers: [Int: [Int]] = [:]
    for id in once {
      let inputs = Set(nodes[id].inputs.map { storage[$0] })
      missing[id] = inputs.count
      for input in inputs { readers[input, default: []].append(id) }
    }
    var order: [Int] = []
    // A node that has inputs is reached from them.
    for root in nodes.indices where nodes[root].inputs.isEmpty {
      var stack = [root]
      while let id = stack.popLast() {
        if missing[id] != nil { order.append(id) }
        for reader in (readers[id] ?? []).reversed() {
          missing[reader]! -= 1
          if missing[reader] == 0 { stack.append(reader) }
        }
      }
    }
    return order
  }

  /// Whether the value of the storage node `id` has a place outside the arenas.
  func isKept(_ id: Int) -> Bool { owned.contains(id) || inPlace[id] != nil }

  /// Storage nodes whose memory the value of `id` may take, if nothing reads them any more.
  func overwritable(by id: Int, in trace: Trace) -> [Int] {
    let node = trace.nodes[id]
    // Of a part of a value, other parts may still be read.
    let allowed = Set(trace.computation(of: id).overwritableInputs).filter {
      let input = node.inputs[$0]
      return trace.nodes[input].type.byteCount == trace.nodes[storage[input]].type.byteCount
    }
    let candidates = allowed.sorted().map { storage[node.inputs[$0]] }.filter { input in
      !isKept(input) && trace.nodes[input].type.byteCount == node.type.byteCount
        && node.inputs.indices.allSatisfy {
          storage[node.inputs[$0]] != input || allowed.contains($0)
        }
    }
    return candidates
  }
}
