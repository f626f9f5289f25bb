/// Joins chains of pointwise ops, and the movements they read through, into single kernels.
///
/// A pointwise value is stored only if something other than pointwise ops of as many elements
/// needs it, or if several kernels would have to repeat much work. Repeating a little is cheaper
/// than storing: a normalisation and its activation are recomputed in the backward pass from the
/// convolution's output instead of being kept.
package enum FusePointwise: Pass {
  /// Most instructions that more than one kernel may repeat.
  static let repeatLimit = 24
  /// Most instructions and most memory operands of one kernel.
  static let instructionLimit = 64
  static let leafLimit = 12

  package static func run(_ trace: Trace) -> Trace {
    let stored = Storage(trace).stored
    let storage = trace.storage
    let results = Set(trace.results.map { storage[$0] })
    return trace.rewritten { id, builder, new in
      let node = trace.nodes[id]
      let isPointwise = node.op is any PointwiseOp
      guard isPointwise || node.op is any MovementOp, !(node.op is Reshape) else { return .kept }
      guard stored[id] else { return .inlined }
      if let slice = node.op as? Slice, !results.contains(id), stored[storage[node.inputs[0]]],
        let view = slice.view(of: trace.nodes[node.inputs[0]].type.shape, node.type.shape)
      {
        return .node(builder.add(view, node.inputs.map(new), node.type))
      }
      var fusion = Fusion(trace: trace, stored: stored)
      let program = fusion.program(of: id)
      let op = FusedPointwise(program: program, shape: node.type.shape)
      return .node(builder.add(op, fusion.inputs.map(new), node.type))
    }
  }
}

/// Which values must be in memory.
private struct Storage {
  private(set) var stored: [Bool]

  init(_ trace: Trace) {
    let nodes = trace.nodes
    stored = Self.needed(trace)
    let sizes = Self.limitSizes(trace, &stored)
    // Who would compute a value that is not stored: those of its pointwise readers that are.
    var users = [Set<Int>](repeating: [], count: nodes.count)
    let consumers = trace.consumers
    for id in nodes.indices.reversed() {
      for reader in consumers[id] {
        guard nodes[reader].op is any PointwiseOp || nodes[reader].op is Reshape else { continue }
        if stored[reader] { users[id].insert(reader) } else { users[id].formUnion(users[reader]) }
      }
      guard nodes[id].op is any PointwiseOp, !(nodes[id].op is Fill) else { continue }
      if users[id].count > 1 && sizes[id] > FusePointwise.repeatLimit { stored[id] = true }
    }
    // A movement that its reader cannot express as one affine map is stored after all.
    for id in nodes.indices.reversed() where stored[id] {
      guard nodes[id].op is any PointwiseOp || nodes[id].op is any MovementOp else { continue }
      var fusion = Fusion(trace: trace, stored: stored)
      _ = fusion.program(of: id)
      for input in fusion.inputs { stored[input] = true }
    }
  }

  /// What the host, opaque ops and movements read.
  private static func needed(_ trace: Trace) -> [Bool] {
    let nodes = trace.nodes
    let consumers = trace.consumers
    var stored = nodes.map { !($0.op is any PointwiseOp) && !($0.op is any MovementOp) }
    for id in trace.results { stored[id] = true }
    for id in nodes.indices.reversed() {
      for consumer in consumers[id] {
        switch nodes[consumer].op {
        case is any PointwiseOp: break
        case is Reshape: if stored[consumer] { stored[id] = true }
        case is any MovementOp:
          // A movement reads memory, unless it only moves again or spreads a known value.
          let isMoved = nodes[id].op is any MovementOp || nodes[id].op is Fill
          if !isMoved { stored[id] = true }
        default: stored[id] = true
        }
      }
    }
    return stored
  }

  /// Stores values whose program would exceed the limits of a kernel; returns the number of
  /// instructions that compute each value from memory.
  private static func limitSizes(_ trace: Trace, _ stored: inout [Bool]) -> [Int] {
    // What computes each value: pointwise nodes, and the nodes they read from memory. A value that
    // several of them share counts once.
    var programs = trace.nodes.indices.map { (steps: Set<Int>(), leaves: [$0] as Set) }
    for (id, node) in trace.nodes.enumerated() {
      if node.op is Reshape { programs[id] = programs[node.inputs[0]] }
      guard node.op is any PointwiseOp else { continue }
      func joined() -> (steps: Set<Int>, leaves: Set<Int>) {
        node.inputs.reduce(into: (steps: [id], leaves: [])) { program, input in
          if stored[input] {
            program.leaves.insert(input)
          } else {
            program.steps.formUnion(programs[input].steps)
            program.leaves.formUnion(programs[input].leaves)
          }
        }
      }
      programs[id] = joined()
      if programs[id].steps.count > FusePointwise.instructionLimit
        || programs[id].leaves.count > FusePointwise.leafLimit
      {
        for input in node.inputs where trace.nodes[input].op is any PointwiseOp {
          stored[input] = true
        }
        programs[id] = joined()
      }
    }
    return programs.map(\.steps.count)
  }
}

/// Collects the program that computes one stored value.
private struct Fusion {
  let trace: Trace
  let stored: [Bool]
  private(set) var inputs: [Int] = []
  private var leaves: [PointwiseProgram.Leaf] = []
  private var steps: [(op: any PointwiseOp, operands: [Operand])] = []
  private var computed: [Int: Operand] = [:]

  private enum Operand { case leaf(Int), step(Int) }

  init(trace: Trace, stored: [Bool]) {
    self.trace = trace
    self.stored = stored
  }

  mutating func program(of root: Int) -> PointwiseProgram {
    let count = trace.nodes[root].type.elementCount
    if trace.nodes[root].op is any PointwiseOp {
      _ = compute(root, count)
    } else {
      _ = operand(root, count, isRoot: true)
    }
    let leafCount = leaves.count
    return PointwiseProgram(
      count: count, leaves: leaves,
      instructions: steps.map { step in
        PointwiseProgram.Instruction(
          op: step.op,
          operands: step.operands.map {
            switch $0 {
            case .leaf(let index): index
            case .step(let index): leafCount + index
            }
          })
      })
  }

  private mutating func compute(_ id: Int, _ count: Int) -> Operand {
    let operands = trace.nodes[id].inputs.map { operand($0, count, isRoot: false) }
    return append(trace.nodes[id].op as! any PointwiseOp, operands)
  }

  private mutating func append(_ op: any PointwiseOp, _ operands: [Operand]) -> Operand {
    steps.append((op, operands))
    return .step(steps.count - 1)
  }

  private mutating func operand(_ id: Int, _ count: Int, isRoot: Bool) -> Operand {
    if let known = computed[id] { return known }
    let result = resolve(id, count, isRoot: isRoot)
    computed[id] = result
    return result
  }

  private mutating func resolve(_ id: Int, _ count: Int, isRoot: Bool) -> Operand {
    let nodes = trace.nodes
    if let value = trace.uniformValue(id) { return append(Fill(value: value), []) }
    var source = id
    while nodes[source].op is Reshape, !stored[source] { source = nodes[source].inputs[0] }
    if nodes[source].op is any PointwiseOp, !stored[source] {
      if let known = computed[source] { return known }
      let result = compute(source, count)
      computed[source] = result
      return result
    }
    source = id
    var view = StridedView.identity(count)
    while source == id && isRoot || !stored[source] {
      guard let movement = nodes[source].op as? any MovementOp else { break }
      let inner = nodes[source].inputs[0]
      let step = movement.stridedView(input: nodes[inner].type.shape, output: nodes[source].type.shape)
      guard let composed = view.composed(with: step) else { break }
      view = composed
      source = inner
    }
    return leaf(source, view)
  }

  private mutating func leaf(_ source: Int, _ view: StridedView) -> Operand {
    let input = inputs.firstIndex(of: source) ?? inputs.count
    if input == inputs.count { inputs.append(source) }
    let leaf = PointwiseProgram.Leaf(input: input, view: view)
    if let known = leaves.firstIndex(of: leaf) { return .leaf(known) }
    leaves.append(leaf)
    return .leaf(leaves.count - 1)
  }
}
