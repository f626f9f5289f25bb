extension Lowering {
  /// The loop as memory sees it, and the node of each of its values.
  ///
  /// - Parameter alignment: of values in arenas, in bytes.
  func memoryGraph(_ phases: Phases, alignment: Int) -> MemoryGraph {
    let nodes = trace.nodes
    var index: [Int: Int] = [:]
    for (position, id) in phases.perStep.enumerated() { index[id] = position }
    let results = Set(trace.results.map { phases.storage[$0] })
    func room(_ bytes: Int) -> Int { (max(bytes, 4) + alignment - 1) / alignment * alignment }
    return MemoryGraph(
      phases.perStep.map { id in
        let isKept = phases.isKept(id)
        let inputs = Set(nodes[id].inputs.compactMap { index[phases.storage[$0]] }).sorted()
        let overwritable = phases.overwritable(by: id, in: trace)
        return MemoryGraph.Value(
          bytes: isKept ? 0 : room(nodes[id].type.byteCount),
          scratch: kernels[id]!.plan.scratch.reduce(0) { $0 + room($1) },
          inputs: inputs,
          overwritable: isKept ? [] : overwritable.compactMap { index[$0] },
          weightedCost: kernels[id]!.work.weightedCost, isResult: results.contains(id))
      })
  }

  /// The program that computes the loop's nodes in the order of `schedule`, some of them more than
  /// once; a reader takes what was computed last.
  ///
  /// - Parameter schedule: positions in the loop of `phases`.
  func reordered(by schedule: [Int], _ phases: Phases) -> Lowering {
    var result = Trace()
    var kernels: [Int: Kernel] = [:]
    var repeated: Set<Int> = []
    // What stands for each node now, and for a view, what it was made of.
    var current = [Int?](repeating: nil, count: trace.nodes.count)
    var basis: [Int: Int] = [:]

    func place(_ id: Int) -> Int {
      let node = trace.nodes[id]
      guard node.op is any ViewOp else { return current[id]! }
      let input = place(node.inputs[0])
      if basis[id] != input {
        current[id] = result.append(node.reading([input]))
        basis[id] = input
      }
      return current[id]!
    }
    func append(_ id: Int) {
      let node = trace.nodes[id]
      let new = result.append(node.reading(node.inputs.map(place)))
      if current[id] != nil { repeated.insert(new) }
      current[id] = new
      kernels[new] = self.kernels[id]
      result.initialValues[new] = trace.initialValues[id]
    }
    for (id, node) in trace.nodes.enumerated() where node.op is Source || node.op is Literal {
      append(id)
    }
    for id in phases.once { append(id) }
    for position in schedule { append(phases.perStep[position]) }
    result.updates = trace.updates.map {
      Trace.Update(variable: place($0.variable), value: place($0.value))
    }
    result.outputs = trace.outputs.map { Trace.Output(name: $0.name, node: place($0.node)) }
    return Lowering(trace: result, kernels: kernels, repeated: repeated)
  }
}
