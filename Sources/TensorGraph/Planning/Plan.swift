/// A graph made ready for one device: what runs in which order, by which kernels, in what memory.
/// All of it is known before anything runs.
public struct Plan {
  /// One node's computation.
  package struct Step {
    package let node: Int
    /// Kernel variant that computes it; nil on the CPU path.
    package let variant: String?
    package let launches: [KernelLaunch]
    package let scratch: [ArenaSlot]
    package let scratchBytes: [Int]
    package let cost: Cost
  }

  /// Where the value of a node lies.
  package enum Placement: Hashable, Sendable {
    /// In memory of its own, from the first step to the last.
    case own
    case arena(ArenaSlot)
  }

  package let trace: Trace
  /// Computed once, from constants alone.
  package let setup: [Step]
  /// Computed in every step.
  package let loop: [Step]
  /// Node whose memory holds each node's value: itself, or the source of a reshape.
  package let storage: [Int]
  /// Placement of every storage node.
  package let placements: [Int: Placement]
  /// Bytes of each arena.
  package let arenas: [Int]
  /// Constants that only `setup` reads, with the first and last of its steps that do: they need
  /// not be held before or after.
  package let transientConstants: [Int: ClosedRange<Int>]

  /// Bytes of values with memory of their own: weights, variables, inputs, outputs.
  package var ownBytes: Int {
    placements.reduce(0) { $1.value == .own ? $0 + trace.nodes[$1.key].type.byteCount : $0 }
  }

  /// Bytes of everything the plan allocates.
  public var totalBytes: Int { ownBytes + arenas.reduce(0, +) }

  /// Work of one step.
  public var cost: Cost { loop.reduce(Cost(flops: 0, bytes: 0)) { $0 + $1.cost } }

  /// - Parameters:
  ///   - device: traits that choose kernels and bound the arenas.
  ///   - usesKernels: false for the CPU path, which runs the ops themselves.
  /// - Throws: ``ShapeError`` when an op has no kernel for its inputs on this device.
  package init(
    _ graph: Graph, device: DeviceTraits, usesKernels: Bool
  ) throws(ShapeError) {
    let lowering = try Lowering(
      Pipeline.run(graph), device: device, usesKernels: usesKernels)
    let (trace, kernels) = (lowering.trace, lowering.kernels)
    let nodes = trace.nodes
    var storage = Array(nodes.indices)
    for id in nodes.indices where nodes[id].op is Reshape {
      storage[id] = storage[nodes[id].inputs[0]]
    }

    // What depends on constants alone is computed once.
    var isFixed = [Bool](repeating: false, count: nodes.count)
    var setupNodes: [Int] = []
    var loopNodes: [Int] = []
    for (id, node) in nodes.enumerated() {
      if let source = node.op as? Source {
        isFixed[id] = source.role == .constant
      } else if node.op is Literal {
        isFixed[id] = true
      } else {
        isFixed[id] = node.inputs.allSatisfy { isFixed[$0] }
        if node.op is Reshape { continue }
        if isFixed[id] { setupNodes.append(id) } else { loopNodes.append(id) }
      }
    }

    let order = setupNodes + loopNodes
    var moment = [Int](repeating: -1, count: nodes.count)
    for (index, id) in order.enumerated() { moment[id] = index }
    var lastUse = moment
    for id in order {
      for input in nodes[id].inputs {
        lastUse[storage[input]] = max(lastUse[storage[input]], moment[id])
      }
    }
    var owned = Set(trace.outputs.map { storage[$0.node] })
    for id in nodes.indices where storage[id] == id {
      let isSource = nodes[id].op is Source || nodes[id].op is Literal
      let crosses = isFixed[id] && lastUse[id] >= setupNodes.count
      if isSource || crosses { owned.insert(id) }
    }
    for update in trace.updates { lastUse[storage[update.value]] = order.count }

    var lifetimes: [Lifetime] = []
    var owners: [(node: Int, scratch: Int?)] = []
    for id in order {
      if !owned.contains(id) {
        let bytes = max(nodes[id].type.byteCount, 4)
        let last = max(lastUse[id], moment[id])
        lifetimes.append(Lifetime(bytes: bytes, first: moment[id], last: last))
        owners.append((id, nil))
      }
      for (index, bytes) in kernels[id]!.plan.scratch.enumerated() {
        lifetimes.append(Lifetime(bytes: bytes, first: moment[id], last: moment[id]))
        owners.append((id, index))
      }
    }
    var planner = ArenaPlanner(alignment: device.alignment, arenaLimit: device.maxAllocationBytes)
    let slots = planner.place(lifetimes)

    var placements: [Int: Placement] = [:]
    for id in owned { placements[id] = .own }
    var scratch: [Int: [ArenaSlot]] = [:]
    for (owner, slot) in zip(owners, slots) {
      if owner.scratch == nil {
        placements[owner.node] = .arena(slot)
      } else {
        scratch[owner.node, default: []].append(slot)
      }
    }
    let step: (Int) -> Step = { id in
      let kernel = kernels[id]!
      return Step(
        node: id, variant: kernel.variant, launches: kernel.plan.launches,
        scratch: scratch[id] ?? [], scratchBytes: kernel.plan.scratch, cost: kernel.cost)
    }
    self.trace = trace
    self.storage = storage
    self.placements = placements
    arenas = planner.arenas
    setup = setupNodes.map(step)
    loop = loopNodes.map(step)
    var transient: [Int: ClosedRange<Int>] = [:]
    for (index, id) in setupNodes.enumerated() {
      for input in nodes[id].inputs.map({ storage[$0] })
      where (nodes[input].op as? Source)?.role == .constant && lastUse[input] < setupNodes.count
        && transient[input] == nil
      {
        transient[input] = index...lastUse[input]
      }
    }
    for result in trace.results { transient[storage[result]] = nil }
    transientConstants = transient
  }
}
