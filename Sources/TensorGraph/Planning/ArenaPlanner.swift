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
/// Largest first, each at the lowest offset of the first arena that has room while it lives: the
/// greedy-by-size strategy of Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
/// Inference" (2020). O(n²) in the number of values.
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
    var placed: [[Int]] = arenas.map { _ in [] }
    let order = lifetimes.indices.sorted {
      (lifetimes[$0].bytes, $1) > (lifetimes[$1].bytes, $0)
    }
    for id in order {
      let value = lifetimes[id]
      var arena = 0
      while true {
        if arena == arenas.count {
          arenas.append(0)
          placed.append([])
        }
        let neighbours = placed[arena]
          .filter { lifetimes[$0].first <= value.last && value.first <= lifetimes[$0].last }
          .map { (start: slots[$0].offset, end: slots[$0].offset + aligned(lifetimes[$0].bytes)) }
          .sorted { $0.start < $1.start }
        var offset = 0
        for neighbour in neighbours {
          if offset + value.bytes <= neighbour.start { break }
          offset = max(offset, neighbour.end)
        }
        if offset + value.bytes <= arenaLimit || offset == 0 && neighbours.isEmpty {
          slots[id] = ArenaSlot(arena: arena, offset: offset)
          placed[arena].append(id)
          arenas[arena] = max(arenas[arena], offset + aligned(value.bytes))
          break
        }
        arena += 1
      }
    }
    return slots
  }

  private func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
