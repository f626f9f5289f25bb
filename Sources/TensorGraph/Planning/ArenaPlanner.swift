/// A value that needs memory from one moment to another, both included.
package struct Lifetime: Hashable, Sendable {
  package let bytes: Int
  package let first: Int
  package let last: Int

  package init(bytes: Int, first: Int, last: Int) {
    self.bytes = bytes
    self.first = first
    self.last = last
  }
}

/// Where a value lies.
package struct ArenaSlot: Hashable, Sendable {
  package let arena: Int
  /// In bytes, a multiple of the device's alignment.
  package let offset: Int
}

/// Places values in arenas so that those alive together do not overlap.
///
/// Largest first, each at the lowest offset with room while it lives, in the arena that grows the
/// least by it: the greedy-by-size strategy of Pisarchyk and Lee, "Efficient Memory Management for
/// Deep Neural Net Inference" (2020), for several arenas. O(n²) in the number of values.
package struct ArenaPlanner {
  private let alignment: Int
  private let arenaLimit: Int
  /// Bytes each arena needs.
  package private(set) var arenas: [Int] = []

  /// - Parameter arenaLimit: most bytes one arena may have: the device's largest allocation.
  package init(alignment: Int, arenaLimit: Int) {
    self.alignment = max(alignment, 1)
    self.arenaLimit = arenaLimit
  }

  /// A slot for each lifetime. A value larger than the limit gets an arena of its own, which the
  /// device then refuses by name.
  package mutating func place(_ lifetimes: [Lifetime]) -> [ArenaSlot] {
    var slots = [ArenaSlot](repeating: ArenaSlot(arena: 0, offset: 0), count: lifetimes.count)
    var tenants: [[Tenant]] = arenas.map { _ in [] }
    let order = lifetimes.indices.sorted {
      (lifetimes[$0].bytes, $1) > (lifetimes[$1].bytes, $0)
    }
    for id in order {
      let value = lifetimes[id]
      var best: (slot: ArenaSlot, growth: Int)?
      for arena in arenas.indices {
        let offset = lowestOffset(for: value, among: tenants[arena])
        guard offset + value.bytes <= arenaLimit else { continue }
        let growth = max(0, offset + aligned(value.bytes) - arenas[arena])
        if growth < best?.growth ?? .max {
          best = (ArenaSlot(arena: arena, offset: offset), growth)
        }
      }
      if best == nil {
        best = (ArenaSlot(arena: arenas.count, offset: 0), aligned(value.bytes))
        arenas.append(0)
        tenants.append([])
      }
      let (slot, growth) = best!
      slots[id] = slot
      arenas[slot.arena] += growth
      let index = tenants[slot.arena].firstIndex { $0.start >= slot.offset }
      tenants[slot.arena].insert(
        Tenant(
          first: value.first, last: value.last, start: slot.offset,
          end: slot.offset + aligned(value.bytes)),
        at: index ?? tenants[slot.arena].count)
    }
    return slots
  }

  /// A value's bytes in an arena, and when they are taken.
  private struct Tenant {
    let first: Int
    let last: Int
    let start: Int
    let end: Int
  }

  /// Lowest offset in an arena at which `value` overlaps none of its tenants, which are in the
  /// order of their bytes.
  private func lowestOffset(for value: Lifetime, among tenants: [Tenant]) -> Int {
    var offset = 0
    for tenant in tenants where tenant.first <= value.last && value.first <= tenant.last {
      if offset + value.bytes <= tenant.start { break }
      offset = max(offset, tenant.end)
    }
    return offset
  }

  private func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
