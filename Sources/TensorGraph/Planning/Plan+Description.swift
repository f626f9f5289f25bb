extension Plan: CustomStringConvertible {
  /// The plan as text: totals, then every step in order with its kernel, type, place and work.
  public var description: String {
    let arenaText = arenas.isEmpty ? "0" : arenas.map(String.init).joined(separator: " + ")
    var lines = [
      "memory: \(totalBytes) bytes (own \(ownBytes), arenas \(arenaText))",
      "step: \(loop.count) kernels, \(cost.flops) FLOP, \(cost.bytes) bytes moved",
    ]
    for (title, steps) in [("once", setup), ("every step", loop)] where !steps.isEmpty {
      lines.append("\(title):")
      lines += steps.map(line)
    }
    for update in trace.updates {
      lines.append("  update \(trace.nodes[update.variable].op.name) = %\(update.value)")
    }
    lines += trace.outputs.map { "  output \($0.name) = %\($0.node)" }
    return lines.joined(separator: "\n")
  }

  private func line(_ step: Dispatch) -> String {
    let node = trace.nodes[step.node]
    let inputs = node.inputs.map(operand).joined(separator: ", ")
    let place =
      switch placements[step.node] {
      case .arena(let slot): "arena \(slot.arena) @\(slot.offset)"
      case .own: "own"
      case nil: "over \(operand(step.node))"
      }
    let computation = trace.computation(of: step.node)
    var text = "  %\(step.node) \(node.type) = \(step.variant ?? computation.name)(\(inputs))"
    if let program = computation.program { text += " {\(program.summary)}" }
    text += " \(place), \(step.cost.flops) FLOP"
    return node.origin.scope.isEmpty ? text : text + " in \(node.origin)"
  }

  private func operand(_ id: Int) -> String {
    let node = trace.nodes[storage[id]]
    let name = node.op is Source ? node.op.name : "%\(storage[id])"
    return offsets[id] == 0 ? name : "\(name)[\(offsets[id])...]"
  }
}
