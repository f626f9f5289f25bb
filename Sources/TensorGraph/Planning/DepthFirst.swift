extension MemoryGraph {
  /// A schedule that computes each value just before somebody needs it: depth first from the
  /// results, of several operands the one first whose computation needs the most memory beyond
  /// what it leaves, as Sethi and Ullman number registers (1970).
  ///
  /// Exact for trees; where values are shared, which the numbers overlook, a rule of thumb.
  package var depthFirst: [Int] {
    // Bytes needed to compute each value as if nothing were shared.
    var needs = [Int](repeating: 0, count: values.count)
    var operands = [[Int]](repeating: [], count: values.count)
    for (id, value) in values.enumerated() {
      operands[id] = value.inputs.sorted {
        (needs[$0] - values[$0].bytes, $1) > (needs[$1] - values[$1].bytes, $0)
      }
      var held = 0
      for operand in operands[id] {
        needs[id] = max(needs[id], held + needs[operand])
        held += values[operand].bytes
      }
      needs[id] = max(needs[id], held + value.bytes + value.scratch)
    }
    var isRead = [Bool](repeating: false, count: values.count)
    for input in values.flatMap(\.inputs) { isRead[input] = true }
    let ends = values.indices.filter { !isRead[$0] || values[$0].isResult }
    var schedule: [Int] = []
    var isDone = [Bool](repeating: false, count: values.count)
    var stack: [(id: Int, next: Int)] = []
    for end in ends.sorted(by: { (needs[$0], $1) > (needs[$1], $0) }) where !isDone[end] {
      stack.append((end, 0))
      while let (id, next) = stack.last {
        if next < operands[id].count {
          stack[stack.count - 1].next += 1
          if !isDone[operands[id][next]] { stack.append((operands[id][next], 0)) }
        } else {
          stack.removeLast()
          if !isDone[id] { schedule.append(id) }
          isDone[id] = true
        }
      }
    }
    return schedule
  }
}
