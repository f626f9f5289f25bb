extension MemoryPlacement {
  /// The placement of least work that needs no more than `budget` bytes; if there is none, one of the
  /// least memory that was found.
  static func fitting(_ lowering: Lowering, device: DeviceTraits, budget: Int) -> MemoryPlacement {
    let phases = Phases(lowering.trace)
    let graph = lowering.memoryGraph(phases, alignment: device.alignment)
    let traced = Array(graph.values.indices)
    let depthFirst = graph.depthFirst
    let orders = graph.peak(depthFirst) < graph.peak(traced) ? [depthFirst, traced] : [traced]
    func placement(_ schedule: [Int]) -> MemoryPlacement {
      MemoryPlacement(
        schedule == traced ? lowering : lowering.reordered(by: schedule, phases), device: device)
    }

    let whole = placement(orders[0])
    if whole.totalBytes <= budget { return whole }
    let room = budget - phases.ownedBytes(in: lowering.trace)
    // Placing costs some bytes beyond the peak, and a tighter schedule is not always dearer.
    let targets = (0..<8).map { room - room / 40 * $0 }
    var schedules: [(schedule: [Int], weightedCost: Double)] = []
    var known: Set<[Int]> = []
    for (order, target) in orders.flatMap({ order in targets.map { (order, $0) } }) {
      for schedule in graph.schedules(order, within: target) where known.insert(schedule).inserted {
        schedules.append((schedule, graph.weightedCost(schedule)))
      }
    }
    for (schedule, _) in schedules.sorted(by: { $0.weightedCost < $1.weightedCost }) {
      let fitted = placement(schedule)
      if fitted.totalBytes <= budget { return fitted }
    }
    return placement(graph.smallest(orders[0]))
  }
}

extension Phases {
  /// Bytes of the values with memory of their own.
  func ownedBytes(in trace: Trace) -> Int {
    owned.reduce(0) { $0 + trace.nodes[$1].type.byteCount }
  }
}

extension MemoryGraph {
  /// `order` with values computed again such that its peak is at most `budget`: one schedule for
  /// each preference that leads to one.
  func schedules(_ order: [Int], within budget: Int) -> [[Int]] {
    Rematerialization.preferences.compactMap {
      Rematerialization.schedule(order, of: self, budget: budget, preference: $0)
    }
  }

  /// The schedule of the least peak that rematerialisation makes of `order`, within a percent.
  func smallest(_ order: [Int]) -> [Int] {
    var (best, high, low) = (order, peak(order), 0)
    while high - low > max(1, high / 100) {
      let middle = (low + high) / 2
      let found = schedules(order, within: middle).min { peak($0) < peak($1) }
      if let found {
        (best, high) = (found, peak(found))
      } else {
        low = middle
      }
    }
    return best
  }
}
