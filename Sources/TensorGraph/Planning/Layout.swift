/// A lowered trace with a place for every value.
struct Layout {
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
  var totalBytes: Int { arenas.reduce(0, +) + phases.ownedBytes(in: lowering.trace) }
}
