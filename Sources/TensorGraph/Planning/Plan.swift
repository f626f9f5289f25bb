/// A graph made ready for one device: what runs in which order, by which kernels, in what memory.
/// All of it is known before anything runs.
public struct Plan {
  /// One node's computation.
  package struct Dispatch {
    package let node: Int
    /// Kernel variant that computes it; nil on the CPU path.
    package let variant: String?
    package let launches: [KernelLaunch]
    package let scratch: [ArenaSlot]
    package let scratchBytes: [Int]
    /// Of the op.
    package let cost: Cost
    /// What its kernel does: less arithmetic than the op's where the algorithm saves some.
    package let work: Cost
    /// Whether an earlier step has computed the same, and forgotten it to make room.
    package let isRepeated: Bool
  }

  /// Where the value of a node lies.
  package enum Placement: Hashable, Sendable {
    /// In memory of its own, from the first step to the last.
    case own
    case arena(ArenaSlot)
  }

  package let trace: Trace
  /// Computed once, from constants alone.
  package let setup: [Dispatch]
  /// Computed in every step.
  package let loop: [Dispatch]
  /// Node whose memory holds each node's value: itself, what it is a view of, or the variable that
  /// it is the new value of and is written over.
  package let storage: [Int]
  /// Where each node's value begins in that memory, in elements.
  package let offsets: [Int]
  /// Placement of every storage node.
  package let placements: [Int: Placement]
  /// Bytes of each arena.
  public let arenas: [Int]
  /// Constants that only `setup` reads, by the first of its steps that does: they lie in an arena,
  /// and are to be written just before that step.
  package let uploads: [Int: [Int]]

  /// New values of variables that a step leaves elsewhere, to be copied after it in this order: each
  /// is read before it changes. Other new values are computed in the variables' own memory.
  package let updates: [Trace.Update]

  /// Bytes that are in use at most while the set-up runs: weights as they are read and as they are
  /// kept, side by side.
  public let setupBytes: Int

  /// Bytes of what is computed once, or read, and kept: weights as kernels read them.
  public var weightBytes: Int {
    let computed = Set(loop.map(\.node))
    return placements.reduce(0) { sum, placement in
      let node = trace.nodes[placement.key]
      let isWeight = (node.op as? Source).map { $0.role == .constant } ?? true
      let isKept = placement.value == .own && isWeight && !computed.contains(placement.key)
      return isKept ? sum + node.type.byteCount : sum
    }
  }

  /// Bytes of values with memory of their own: weights, variables, inputs, outputs.
  public let ownBytes: Int

  /// Bytes of everything the plan allocates, at once and for as long as it runs.
  public var totalBytes: Int { ownBytes + arenas.reduce(0, +) }

  /// Bytes of the largest allocation: an arena, or a value with memory of its own.
  package var largestAllocation: Int {
    placements.reduce(arenas.max() ?? 0) {
      $1.value == .own ? max($0, trace.nodes[$1.key].type.byteCount) : $0
    }
  }

  /// Kernels, or ops on the CPU path, of one step.
  public var stepCount: Int { loop.count }

  /// Work of one step.
  public var cost: Cost { loop.reduce(Cost(flops: 0, bytes: 0)) { $0 + $1.cost } }

  /// Operations and bytes of one step, as far as they take time, in operations.
  package var weightedCost: Double { loop.reduce(0) { $0 + $1.work.weightedCost } }

  /// Part of a step's work that computes again what was forgotten to make room, 0…1.
  public var repeatedShare: Double {
    loop.reduce(0) { $1.isRepeated ? $0 + $1.work.weightedCost : $0 } / max(weightedCost, 1)
  }

  /// - Parameters:
  ///   - device: traits that choose kernels and bound the arenas.
  ///   - usesKernels: false for the CPU path, which runs the ops themselves.
  ///   - memory: bytes that the plan should do with. Values are computed again rather than kept
  ///     where that is needed for it; if it does not help, the plan is the smallest found.
  ///   - tuning: kernels and settings to prefer; what is asked first comes first.
  ///   - prepare: without kernels, what ops want their constant inputs to be.
  /// - Throws: ``ShapeError`` when an op has no kernel for its inputs on this device, or variables
  ///   are to exchange their values.
  package init(
    _ graph: Graph, device: DeviceTraits, usesKernels: Bool, memory: Int = .max,
    tuning: [Tuning] = [], prepare: HostPreparation? = nil
  ) throws(ShapeError) {
    let lowering = try Lowering(
      Pipeline.run(graph, usesKernels: usesKernels), device: device, usesKernels: usesKernels,
      tuning: tuning, prepare: prepare)
    try self.init(MemoryPlacement.fitting(lowering, device: device, budget: memory))
  }

  private init(_ placement: MemoryPlacement) throws(ShapeError) {
    let (lowering, liveness, slots) = (placement.lowering, placement.liveness, placement.slots)
    var placements: [Int: Placement] = [:]
    for id in placement.phases.owned { placements[id] = .own }
    for case (.value(let id), let place) in liveness.places {
      placements[id] = .arena(slots[place])
    }
    let step: (Int) -> Dispatch = { id in
      let kernel = lowering.kernels[id]!
      let scratch = kernel.plan.scratch
      return Dispatch(
        node: id, variant: kernel.variant, launches: kernel.plan.launches,
        scratch: scratch.indices.map { slots[liveness.places[.scratch(node: id, index: $0)]!] },
        scratchBytes: scratch, cost: kernel.cost, work: kernel.work,
        isRepeated: lowering.repeated.contains(id))
    }
    self.placements = placements
    trace = lowering.trace
    let inPlace = placement.phases.inPlace
    storage = placement.phases.storage.map { inPlace[$0] ?? $0 }
    updates = try trace.orderedUpdates(storage: storage)
    offsets = trace.offsets
    arenas = placement.arenas
    ownBytes = placement.ownedBytes
    setup = placement.phases.once.map(step)
    loop = placement.phases.perStep.map(step)
    uploads = liveness.uploads
    setupBytes = placement.setupBytes
  }
}

extension Trace {
  /// The updates in an order in which every variable that is another's new value is read before it
  /// gets its own.
  fileprivate func orderedUpdates(storage: [Int]) throws(ShapeError) -> [Update] {
    var ordered: [Update] = []
    var remaining = updates.filter { storage[$0.value] != storage[$0.variable] }
    while !remaining.isEmpty {
      let next = remaining.firstIndex { candidate in
        !remaining.contains {
          $0.variable != candidate.variable && storage[$0.value] == storage[candidate.variable]
        }
      }
      guard let next else {
        let names = remaining.map { nodes[$0.variable].op.name }.joined(separator: ", ")
        throw ShapeError("variables that become each other: \(names)")
      }
      ordered.append(remaining.remove(at: next))
    }
    return ordered
  }
}
