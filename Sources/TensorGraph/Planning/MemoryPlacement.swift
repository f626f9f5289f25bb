/// A lowered trace with a place for every value.
struct MemoryPlacement {
  let lowering: Lowering
  let phases: Phases
  let liveness: Liveness
  /// Of each place of `liveness`.
  let slots: [ArenaSlot]
  /// Bytes of each arena.
  let arenas: [Int]

  init(_ lowering: Lowering, device: DeviceTraits) {
    self.lowering = lowering
    phases = Phases(lowering.trace)
    liveness = Liveness(lowering.trace, phases) { lowering.kernels[$0]!.plan.scratch }
    var planner = ArenaPlanner(alignment: device.alignment, arenaLimit: device.maxAllocationBytes)
    slots = planner.place(liveness.lifetimes)
    arenas = planner.arenas
  }

  /// Bytes of all memory.
  var totalBytes: Int { arenas.reduce(0, +) + ownedBytes }

  /// Bytes of the values with memory of their own.
  var ownedBytes: Int { phases.ownedBytes(in: lowering.trace) }

  /// Bytes in use at the worst moment of the set-up.
  var setupBytes: Int {
    var changes = [Int](repeating: 0, count: phases.once.count + 1)
    for lifetime in liveness.lifetimes where lifetime.first < phases.once.count {
      changes[lifetime.first] += lifetime.bytes
      changes[lifetime.last + 1] -= lifetime.bytes
    }
    var (sum, peak) = (0, 0)
    for change in changes {
      sum += change
      peak = max(peak, sum)
    }
    return ownedBytes + peak
  }
}
