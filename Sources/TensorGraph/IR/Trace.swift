/// A computation as a value: nodes in an order in which inputs come first. ``Graph`` builds one,
/// each pass rewrites it whole.
package struct Trace {
  /// One op applied to the outputs of earlier nodes.
  package struct Node: Sendable {
    package let op: any Op
    /// Applied by the op's kernel to each value before it is stored.
    package let epilogue: Epilogue?
    /// Inputs of the op, then those of the epilogue.
    package let inputs: [Int]
    package let type: TensorType
    package let origin: Origin

    /// The same on other inputs.
    func reading(_ inputs: [Int]) -> Node {
      Node(op: op, epilogue: epilogue, inputs: inputs, type: type, origin: origin)
    }
  }

  /// A variable and the node whose value it takes when a step ends.
  package struct Update: Hashable, Sendable {
    package let variable: Int
    package let value: Int
  }

  /// A value that the host reads by name.
  package struct Output: Hashable, Sendable {
    package let name: String
    package let node: Int
  }

  package private(set) var nodes: [Node] = []
  /// New values of variables, taken at the end of every step.
  package internal(set) var updates: [Update] = []
  package internal(set) var outputs: [Output] = []
  /// Data of constants and first values of variables.
  package internal(set) var initialValues: [Int: InitialValue] = [:]
  /// Origin of the nodes that are added next.
  var origin = Origin()

  /// What makes nodes equal, hashed once: a growing table would hash every op again.
  private struct Key: Hashable {
    let inputs: [Int]
    let op: AnyHashable
    let epilogue: Epilogue?
    private let digest: Int

    init(_ op: any Op, _ inputs: [Int], _ epilogue: Epilogue?) {
      (self.op, self.inputs, self.epilogue) = (AnyHashable(op), inputs, epilogue)
      var hasher = Hasher()
      hasher.combine(inputs)
      hasher.combine(self.op)
      hasher.combine(epilogue)
      digest = hasher.finalize()
    }

    static func == (a: Key, b: Key) -> Bool {
      a.digest == b.digest && a.inputs == b.inputs && a.op == b.op && a.epilogue == b.epilogue
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }
  private var known: [Key: Int] = [:]

  /// An empty trace.
  init() {}

  /// Adds a node unless an equal one is there.
  package mutating func add(
    _ op: any Op, _ inputs: [Int], _ type: TensorType, epilogue: Epilogue? = nil
  ) -> Int {
    let key = Key(op, inputs, epilogue)
    if let id = known[key], nodes[id].type == type { return id }
    known[key] = nodes.count
    return append(
      Node(op: op, epilogue: epilogue, inputs: inputs, type: type, origin: origin))
  }

  /// Adds a node, even if an equal one is there.
  mutating func append(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  /// What node `id` computes, on operands of these types.
  package func computation(of id: Int) -> Computation {
    let node = nodes[id]
    return Computation(
      op: node.op, epilogue: node.epilogue, inputs: node.inputs.map { nodes[$0].type },
      output: node.type)
  }
}

// MARK: - What passes ask

extension Trace {
  /// Nodes whose value somebody outside the trace needs.
  package var results: [Int] { outputs.map(\.node) + updates.flatMap { [$0.variable, $0.value] } }

  /// For each node, the one whose memory holds its value: itself, or what it is a view of.
  package var storage: [Int] {
    var storage = Array(nodes.indices)
    for (id, node) in nodes.enumerated() where node.op is any ViewOp {
      storage[id] = storage[node.inputs[0]]
    }
    return storage
  }

  /// For each node, where its value begins in that memory, in elements.
  package var offsets: [Int] {
    var offsets = [Int](repeating: 0, count: nodes.count)
    for (id, node) in nodes.enumerated() {
      if let view = node.op as? any ViewOp { offsets[id] = offsets[node.inputs[0]] + view.offset }
    }
    return offsets
  }

  /// For each node, whether its value depends on constants alone.
  package var isFixed: [Bool] {
    var isFixed: [Bool] = []
    for node in nodes {
      let role = (node.op as? Source)?.role
      isFixed.append(role.map { $0 == .constant } ?? node.inputs.allSatisfy { isFixed[$0] })
    }
    return isFixed
  }

  /// For each node, the nodes that read its value, once for every use. Dead nodes read nothing.
  package var consumers: [[Int]] {
    var consumers = [[Int]](repeating: [], count: nodes.count)
    let live = reachable()
    for (id, node) in nodes.enumerated() where live[id] {
      for input in node.inputs { consumers[input].append(id) }
    }
    return consumers
  }

  private func reachable() -> [Bool] {
    var live = [Bool](repeating: false, count: nodes.count)
    for id in results { live[id] = true }
    for id in nodes.indices.reversed() where live[id] {
      for input in nodes[id].inputs { live[input] = true }
    }
    return live
  }
}

// MARK: - Rewriting

extension Trace {
  /// What becomes of a node when a trace is rewritten.
  package enum Replacement {
    /// The same op on the new inputs; inlined where one of those was.
    case kept
    /// A node of the new trace.
    case node(Int)
    /// No node: every reader computes the value itself.
    case inlined
  }

  /// The trace rebuilt node by node, without dead nodes; equal nodes become one.
  ///
  /// - Parameter transform: the replacement of a node, given the new trace to add nodes to and a
  ///   function from old ids to new ones. Added nodes have the origin of the node they replace.
  package func rewritten(
    _ transform: (_ id: Int, _ builder: inout Trace, _ new: (Int) -> Int) -> Replacement
  ) -> Trace {
    var result = Trace()
    var mapping = [Int?](repeating: nil, count: nodes.count)
    let live = reachable()
    for (id, node) in nodes.enumerated() where live[id] {
      let new: (Int) -> Int = { old in mapping[old]! }
      result.origin = node.origin
      switch transform(id, &result, new) {
      case .node(let replacement): mapping[id] = replacement
      case .inlined: break
      case .kept:
        guard node.inputs.allSatisfy({ mapping[$0] != nil }) else { break }
        let copy = result.add(node.op, node.inputs.map(new), node.type, epilogue: node.epilogue)
        result.initialValues[copy] = initialValues[id]
        mapping[id] = copy
      }
    }
    result.updates = updates.map {
      Update(variable: mapping[$0.variable]!, value: mapping[$0.value]!)
    }
    result.outputs = outputs.map { Output(name: $0.name, node: mapping[$0.node]!) }
    return result
  }

  /// The trace without dead nodes; equal nodes become one.
  package func cleaned() -> Trace { rewritten { _, _, _ in .kept } }

  /// Checks what every pass must keep: inputs come first, and each type is what its op says.
  /// - Throws: ``ShapeError`` naming the first node that is wrong.
  package func verify() throws(ShapeError) {
    for (id, node) in nodes.enumerated() {
      try require(node.inputs.allSatisfy { $0 < id }, "%\(id) \(node.op.name) comes too early")
      let type = try computation(of: id).verifiedType()
      let isStoredAsSaid = type.scalar == node.type.scalar
        || type.scalar != .int32 && node.type.scalar.isFloatingPoint
      try require(
        type.shape == node.type.shape && isStoredAsSaid,
        "%\(id) \(node.op.name) is \(type), not \(node.type)")
    }
    for update in updates {
      try require(nodes[update.variable].op is Source, "%\(update.variable) is not a variable")
    }
  }
}
