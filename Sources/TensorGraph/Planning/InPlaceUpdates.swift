/// New values of variables that can be computed in the variables' own memory, so that neither a
/// second copy nor copying is needed.
///
/// A new value may be written over its variable once nothing reads the old one any more, but the
/// kernel that computes it, and that at the index it writes alone. Where a later node reads the old
/// value, and none the new one, the new one is computed after it.
struct InPlaceUpdates {
  /// Computed nodes in the order they run.
  private(set) var loop: [Int]
  /// Variables by the nodes that are written over them.
  private(set) var variables: [Int: Int] = [:]

  /// - Parameters:
  ///   - loop: computed nodes of a step, in order.
  ///   - storage: node whose memory holds each node's value, views followed.
  ///   - owned: storage nodes with memory of their own.
  init(_ trace: Trace, loop: [Int], storage: [Int], owned: Set<Int>) {
    self.loop = loop
    let computed = Set(loop)
    let values = trace.updates.map { storage[$0.value] }
    var readers: [Int: [Int]] = [:]
    for id in loop {
      for input in Set(trace.nodes[id].inputs.map { storage[$0] }) {
        readers[input, default: []].append(id)
      }
    }
    let candidates = trace.updates.map { (variable: $0.variable, value: storage[$0.value]) }
      .filter { variable, value in
        computed.contains(value) && !owned.contains(value) && !values.contains(variable)
          && values.filter { $0 == value }.count == 1
          && trace.nodes[value].type.byteCount == trace.nodes[variable].type.byteCount
          && trace.nodes[value].type.scalar == trace.nodes[variable].type.scalar
          && Self.readsInPlace(value, variable, trace, storage)
      }
    // A second time for those that were moved behind a node that was then moved behind them.
    for _ in 0..<2 {
      for (variable, value) in candidates where readers[value] == nil {
        moveBehind(readers[variable] ?? [], value)
      }
    }
    let position = Dictionary(uniqueKeysWithValues: self.loop.enumerated().map { ($1, $0) })
    for (variable, value) in candidates {
      let isLast = (readers[variable] ?? []).allSatisfy {
        $0 == value || position[$0]! < position[value]!
      }
      if isLast { variables[value] = variable }
    }
  }

  /// Whether `node` reads `variable` at the index that it writes alone, or not at all.
  private static func readsInPlace(
    _ node: Int, _ variable: Int, _ trace: Trace, _ storage: [Int]
  ) -> Bool {
    let inputs = trace.nodes[node].inputs
    let allowed = trace.computation(of: node).overwritableInputs
    return inputs.indices.allSatisfy { index in
      let isWhole =
        trace.nodes[inputs[index]].type.byteCount == trace.nodes[variable].type.byteCount
      return storage[inputs[index]] != variable || isWhole && allowed.contains(index)
    }
  }

  /// Moves `node` behind the last of `others`, if it is not there yet.
  private mutating func moveBehind(_ others: [Int], _ node: Int) {
    let others = Set(others).subtracting([node])
    guard let from = loop.firstIndex(of: node),
      let last = loop.lastIndex(where: others.contains), last > from
    else { return }
    loop.remove(at: from)
    loop.insert(node, at: last)
  }
}
