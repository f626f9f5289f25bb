/// The loop of a program as memory sees it: values, what each is made of, and what it costs to make
/// one again.
///
/// Values are numbered in an order in which inputs come first. A schedule is a list of values that
/// computes each at least once; a reader takes the last one computed before it.
package struct MemoryGraph: Sendable {
  package struct Value: Sendable {
    /// In arenas; 0 for a value with memory of its own, which it never leaves.
    package var bytes: Int
    /// Needed beside it while it is computed.
    package var scratch: Int
    /// Values that it is computed from, each once.
    package var inputs: [Int]
    /// Inputs whose memory it may take, if nothing reads them any more.
    package var overwritable: [Int]
    /// What computing it costs, in operations.
    package var weightedCost: Double
    /// Whether it is read when the step has ended.
    package var isResult: Bool

    package init(
      bytes: Int, scratch: Int = 0, inputs: [Int], overwritable: [Int] = [], weightedCost: Double = 1,
      isResult: Bool = false
    ) {
      self.bytes = bytes
      self.scratch = scratch
      self.inputs = inputs
      self.overwritable = overwritable
      self.weightedCost = weightedCost
      self.isResult = isResult
    }
  }

  package let values: [Value]

  package init(_ values: [Value]) { self.values = values }

  /// What computing `schedule` costs, in operations.
  package func weightedCost(_ schedule: [Int]) -> Double {
    schedule.reduce(0) { $0 + values[$1].weightedCost }
  }

  /// Most bytes alive at any moment of `schedule`.
  package func peak(_ schedule: [Int]) -> Int {
    // Which positions are the last to read what was computed before them.
    var lastReader = values.map { $0.isResult ? schedule.count : -1 }
    var ends = [Int](repeating: 0, count: schedule.count)
    for (position, id) in schedule.enumerated().reversed() {
      ends[position] = max(lastReader[id], position)
      lastReader[id] = -1
      for input in values[id].inputs where lastReader[input] < 0 { lastReader[input] = position }
    }
    var (alive, peak) = (0, 0)
    var end = [Int](repeating: -1, count: values.count)
    for (position, id) in schedule.enumerated() {
      let value = values[id]
      let isInPlace = value.bytes > 0 && value.overwritable.contains {
        end[$0] == position && values[$0].bytes == value.bytes
      }
      alive += isInPlace ? 0 : value.bytes
      peak = max(peak, alive + value.scratch)
      end[id] = ends[position]
      var freed = value.inputs.reduce(0) { $0 + (end[$1] == position ? values[$1].bytes : 0) }
      if isInPlace { freed -= value.bytes }
      if ends[position] == position { freed += value.bytes }
      alive -= freed
    }
    return peak
  }
}
