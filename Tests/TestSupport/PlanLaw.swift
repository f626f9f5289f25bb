import TensorGraph

/// Why a plan's memory is wrong.
package struct PlanViolation: Error, CustomStringConvertible {
  package let description: String
}

extension Plan {
  /// Goes through the plan as an executable does and checks that every step finds each of its
  /// inputs whole where it was written, and writes over nothing that it still reads.
  /// - Throws: ``PlanViolation`` naming the first step that does not.
  package func checkMemory() throws {
    var content = Content(views: trace.storage)
    for id in trace.nodes.indices where storage[id] == id && placements[id] == .own {
      if trace.nodes[id].op is Source || trace.nodes[id].op is Literal { content.own.insert(id) }
    }
    for (index, step) in setup.enumerated() {
      for id in uploads[index] ?? [] { content.write(id, self) }
      try run(step, &content)
    }
    // Twice: a second step finds nothing but what is its own.
    for _ in 0..<2 {
      for step in loop { try run(step, &content) }
      for update in trace.updates where !content.holds(storage[update.value], self) {
        throw PlanViolation(description: "the update's value %\(update.value) is gone")
      }
      for output in trace.outputs where !content.holds(storage[output.node], self) {
        throw PlanViolation(description: "the output \(output.name) is gone")
      }
      content.regions = []
      content.overwritten = []
    }
  }

  private func run(_ step: Dispatch, _ content: inout Content) throws {
    let node = trace.nodes[step.node]
    let inputs = node.inputs.map { storage[$0] }
    for input in inputs where !content.holds(input, self) {
      throw PlanViolation(description: "%\(step.node) \(node.op.name) reads %\(input): it is gone")
    }
    // Of a variable that its new value was written over, nothing reads the old one.
    let views = content.views
    for input in node.inputs.map({ views[$0] }) where content.overwritten.contains(input) {
      throw PlanViolation(description: "%\(step.node) reads %\(input), which has its new value")
    }
    if storage[step.node] != step.node {
      for (index, input) in node.inputs.enumerated() where views[input] == storage[step.node] {
        guard !trace.computation(of: step.node).overwritableInputs.contains(index) else { continue }
        throw PlanViolation(description: "%\(step.node) writes over its input %\(input)")
      }
      content.overwritten.insert(storage[step.node])
    }
    let scratch = zip(step.scratch, step.scratchBytes).map { Region(nil, $0, $1) }
    let taken = inputs.compactMap { region(of: $0) } + [region(of: step.node)].compactMap { $0 }
    for (index, buffer) in scratch.enumerated() {
      let others = taken + scratch[..<index]
      if others.contains(where: buffer.overlaps) {
        throw PlanViolation(description: "%\(step.node): its scratch overlaps its operands")
      }
      content.clear(buffer)
    }
    if let output = region(of: step.node) {
      for (index, input) in inputs.enumerated() {
        guard let region = region(of: input), region.overlaps(output) else { continue }
        let isAllowed = node.op.overwritableInputs.contains(index)
        if !isAllowed || region.bytes != output.bytes {
          throw PlanViolation(description: "%\(step.node) writes over its input %\(input)")
        }
      }
    }
    content.write(storage[step.node], self)
  }

  fileprivate func region(of id: Int) -> Region? {
    guard case .arena(let slot) = placements[id] else { return nil }
    return Region(id, slot, max(trace.nodes[id].type.byteCount, 4))
  }
}

/// Bytes of an arena that hold a node's value, or scratch.
private struct Region {
  let node: Int?
  let arena: Int
  let bytes: Range<Int>

  init(_ node: Int?, _ slot: ArenaSlot, _ count: Int) {
    self.node = node
    arena = slot.arena
    bytes = slot.offset..<slot.offset + count
  }

  func overlaps(_ other: Region) -> Bool { arena == other.arena && bytes.overlaps(other.bytes) }
}

/// What lies where.
private struct Content {
  var own: Set<Int> = []
  var regions: [Region] = []
  /// For each node, the one whose value it is, or is a view of.
  let views: [Int]
  /// Variables that have their new values.
  var overwritten: Set<Int> = []

  func holds(_ id: Int, _ plan: Plan) -> Bool {
    plan.placements[id] == .own ? own.contains(id) : regions.contains { $0.node == id }
  }

  mutating func clear(_ region: Region) { regions.removeAll { $0.overlaps(region) } }

  mutating func write(_ id: Int, _ plan: Plan) {
    guard let region = plan.region(of: id) else {
      own.insert(id)
      return
    }
    clear(region)
    regions.append(region)
  }
}

extension Graph {
  /// Descent on a random network of convolutions, normalisations, products and noise, whose latent,
  /// [1,8,8,8] and named `x`, it moves; outputs `loss` and `y`.
  package static func random(_ seed: UInt64) -> Graph {
    var random = TestRandom(seed &+ 77)
    func number(_ count: Int) -> Int { Int((random.next() + 1) / 2 * Double(count)) }
    let graph = Graph()
    func weight(_ name: String, _ shape: Shape, scale: Double) -> Tensor {
      let values = random.tensor(shape, in: -scale...scale).values.map(Float.init)
      return graph.constant(name, shape, .values(values))
    }
    let start = random.tensor([1, 8, 8, 8]).values.map(Float.init)
    let x = graph.variable("x", [1, 8, 8, 8], .float32, .values(start))
    let step = graph.variable("step", [1], .float32, .values([1]))
    var values = [x]
    for layer in 0..<14 {
      let h = values[max(0, values.count - 1 - number(3))]
      switch number(6) {
      case 0, 1:
        let w = weight("w\(layer)", [8, 8, 3, 3], scale: 0.2)
        values.append(h.conv2d(w.permuted([2, 3, 1, 0]), padding: 1).swish())
      case 2:
        let norm = weight("n\(layer)", [8], scale: 1)
        values.append(h.groupNorm(groups: 2, weight: norm + 1, bias: norm) + values[0])
      case 3:
        let w = weight("m\(layer)", [8, 8], scale: 0.5)
        values.append(h.reshaped([64, 8]).matmul(w).reshaped([1, 8, 8, 8]) + h)
      case 4:
        let noise = graph.randomNormal(
          [1, 8, 8, 8], seed: seed, purpose: UInt32(layer), step: step)
        values.append(h * (1 + 0.1 * noise))
      default:
        values.append(h.softmax() + h.flipped(axis: 1))
      }
    }
    let y = values[values.count - 1]
    let loss = (y * y).mean() + (values[7] * 0.1).mean()
    graph.output("loss", loss)
    graph.output("y", y)
    let gradient = graph.gradients(of: loss, withRespectTo: [x])[0]
    graph.update(x, to: x - 0.5 * gradient)
    graph.update(step, to: step + 1)
    return graph
  }
}
