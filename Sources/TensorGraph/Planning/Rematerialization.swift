/// Makes a schedule fit into less memory by forgetting values and computing them again.
///
/// The schedule is gone through as Dynamic Tensor Rematerialization goes through a running program
/// (Kirisame et al., 2021): when the next value does not fit, the one is forgotten that is cheapest
/// to have again for the bytes and the time it frees, and what is forgotten is computed again, with
/// whatever of its inputs is forgotten too, when somebody needs it. Other than there, what comes is
/// known: the time that forgetting frees is that until the next use.
package struct Rematerialization {
  /// Preferences to try: none is the best for all programs and budgets.
  package static let preferences = [0, 0.5, 1, 2].flatMap { nextUseExponent in
    [false, true].map { Preference(nextUseExponent: nextUseExponent, countsInputs: $0) }
  }

  /// What values to forget first.
  package struct Preference: Sendable {
    /// Exponent of the time until the next use.
    package var nextUseExponent: Double
    /// Whether forgotten inputs count to what a value costs to have again.
    package var countsInputs: Bool

    package init(nextUseExponent: Double, countsInputs: Bool) {
      self.nextUseExponent = nextUseExponent
      self.countsInputs = countsInputs
    }
  }

  private let graph: MemoryGraph
  private let budget: Int
  private let preference: Preference
  /// Position of each value in the original schedule.
  private var place: [Int]
  /// Positions in the original schedule that read each value, last first.
  private var uses: [[Int]]
  /// Values in memory, but those with memory of their own.
  private var resident: [Int] = []
  private var isKnown: [Bool]
  /// Readers of each value among those that are about to be computed.
  private var pending: [Int]
  /// What the last search found, and the number of the search that last saw each value.
  private var missing: [Int] = []
  private var seen: [Int]
  private var search = 0
  private var alive = 0
  private var now = 0
  private var schedule: [Int] = []

  /// `schedule`, each value once, with values computed again such that at no moment more than
  /// `budget` bytes are alive; nil if this preference leads to none.
  package static func schedule(
    _ schedule: [Int], of graph: MemoryGraph, budget: Int, preference: Preference
  ) -> [Int]? {
    var state = Rematerialization(schedule, graph, budget, preference)
    let longest = 3 * schedule.count
    for (position, id) in schedule.enumerated() {
      state.now = position
      guard state.reach(id), state.schedule.count < longest else { return nil }
    }
    return state.schedule
  }

  private init(
    _ schedule: [Int], _ graph: MemoryGraph, _ budget: Int, _ preference: Preference
  ) {
    self.graph = graph
    self.budget = budget
    self.preference = preference
    uses = graph.values.map { $0.isResult ? [schedule.count] : [] }
    for (position, id) in schedule.enumerated().reversed() {
      for input in graph.values[id].inputs { uses[input].append(position) }
    }
    place = graph.values.map { _ in 0 }
    for (position, id) in schedule.enumerated() { place[id] = position }
    isKnown = graph.values.map { _ in false }
    pending = graph.values.map { _ in 0 }
    seen = pending
  }

  /// Computes `id` and, before it, those of its inputs that are forgotten.
  private mutating func reach(_ id: Int) -> Bool {
    collectMissing(for: id)
    let order = missing.sorted { place[$0] < place[$1] } + [id]
    for value in order {
      for input in graph.values[value].inputs { pending[input] += 1 }
    }
    return order.allSatisfy { compute($0, isLast: $0 == id) }
  }

  /// Makes `missing` the forgotten values that `id` is computed from, directly or through others.
  private mutating func collectMissing(for id: Int) {
    search += 1
    missing.removeAll(keepingCapacity: true)
    var (next, current) = (0, id)
    while true {
      for input in graph.values[current].inputs where !isKnown[input] && seen[input] != search {
        seen[input] = search
        missing.append(input)
      }
      if next == missing.count { return }
      current = missing[next]
      next += 1
    }
  }

  private mutating func compute(_ id: Int, isLast: Bool) -> Bool {
    let value = graph.values[id]
    if isLast {
      for input in value.inputs { uses[input].removeLast() }
    }
    let overwritten = value.overwritable.first {
      isKnown[$0] && pending[$0] == 1 && uses[$0].isEmpty && graph.values[$0].bytes == value.bytes
    }
    if let overwritten { evict(overwritten) }
    while alive + value.bytes + value.scratch > budget {
      guard let victim = victim() else { return false }
      evict(victim)
    }
    schedule.append(id)
    isKnown[id] = true
    if value.bytes > 0 {
      resident.append(id)
      alive += value.bytes
    }
    for input in value.inputs {
      pending[input] -= 1
      if pending[input] == 0 && uses[input].isEmpty { evict(input) }
    }
    if uses[id].isEmpty && pending[id] == 0 { evict(id) }
    return true
  }

  private mutating func evict(_ id: Int) {
    guard isKnown[id], graph.values[id].bytes > 0 else { return }
    isKnown[id] = false
    alive -= graph.values[id].bytes
    resident.remove(at: resident.firstIndex(of: id)!)
  }

  /// The value to forget next.
  private mutating func victim() -> Int? {
    var best: (id: Int, price: Double)?
    for id in resident where pending[id] == 0 && !graph.values[id].isResult {
      var weightedCost = graph.values[id].weightedCost
      if preference.countsInputs {
        collectMissing(for: id)
        for input in missing { weightedCost += graph.values[input].weightedCost }
      }
      let time = Double(max(uses[id].last! - now, 1))
      let room = Double(graph.values[id].bytes)
      let price = weightedCost / (room * power(time, preference.nextUseExponent))
      if price < best?.price ?? .infinity { best = (id, price) }
    }
    return best?.id
  }

  private func power(_ x: Double, _ exponent: Double) -> Double {
    exponent == 0 ? 1 : exponent == 1 ? x : exponent == 0.5 ? x.squareRoot() : x * x
  }
}
