/// A graph as the passes see it: a value, rewritten whole by each.
package struct Trace {
  package struct Node: Sendable {
    package let op: any Op
    package let inputs: [Int]
    package let type: TensorType
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

  /// In an order in which inputs come first.
  package private(set) var nodes: [Node] = []
  package internal(set) var updates: [Update] = []
  package internal(set) var outputs: [Output] = []
  package internal(set) var initialValues: [Int: InitialValue] = [:]

  private struct Key: Hashable {
    let op: AnyHashable
    let inputs: [Int]
  }
  private var known: [Key: Int] = [:]

  /// Nothing yet.
  init() {}

  /// What `graph` holds now.
  package init(_ graph: Graph) {
    nodes = graph.nodes.map { Node(op: $0.op, inputs: $0.inputs, type: $0.type) }
    updates = graph.updates.map { Update(variable: $0.variable, value: $0.value) }
    outputs = graph.outputs.map { Output(name: $0.name, node: $0.node) }
    initialValues = graph.initialValues
  }

  /// Nodes whose value somebody outside the graph needs.
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

  /// For each node, those that take its value, once for every use. What nothing needs takes none.
  package var consumers: [[Int]] {
    var consumers = [[Int]](repeating: [], count: nodes.count)
    let live = reachable()
    for (id, node) in nodes.enumerated() where live[id] {
      for input in node.inputs { consumers[input].append(id) }
    }
    return consumers
  }

  /// The trace rebuilt node by node, without those that nothing needs; equal nodes become one.
  ///
  /// - Parameter transform: the op and inputs (in new numbers) that replace a node, given a
  ///   function from old numbers to new ones; or nil to keep it.
  package func rewritten(
    _ transform: (_ id: Int, _ builder: inout Trace, _ new: (Int) -> Int) -> Int?
  ) -> Trace {
    var result = Trace()
    var mapping = [Int?](repeating: nil, count: nodes.count)
    let live = reachable()
    for (id, node) in nodes.enumerated() where live[id] {
      let new: (Int) -> Int = { old in mapping[old]! }
      if let replacement = transform(id, &result, new) {
        mapping[id] = replacement
      } else if node.inputs.allSatisfy({ (mapping[$0] ?? -1) >= 0 }) {
        mapping[id] = result.add(node.op, node.inputs.map(new), node.type)
        result.initialValues[mapping[id]!] = initialValues[id]
      }
    }
    result.updates = updates.map {
      Update(variable: mapping[$0.variable]!, value: mapping[$0.value]!)
    }
    result.outputs = outputs.map { Output(name: $0.name, node: mapping[$0.node]!) }
    return result
  }

  /// Adds a node unless an equal one is there.
  package mutating func add(_ op: any Op, _ inputs: [Int], _ type: TensorType) -> Int {
    let key = Key(op: AnyHashable(op), inputs: inputs)
    if let id = known[key], nodes[id].type == type { return id }
    nodes.append(Node(op: op, inputs: inputs, type: type))
    known[key] = nodes.count - 1
    return nodes.count - 1
  }

  /// Adds a node, even if an equal one is there.
  mutating func append(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  private func reachable() -> [Bool] {
    var live = [Bool](repeating: false, count: nodes.count)
    for id in results { live[id] = true }
    for id in nodes.indices.reversed() where live[id] {
      for input in nodes[id].inputs { live[input] = true }
    }
    return live
  }

  /// Checks what every pass must keep: inputs come first, and each type is what its op says.
  /// - Throws: ``ShapeError`` naming the first node that is wrong.
  package func verify() throws(ShapeError) {
    for (id, node) in nodes.enumerated() {
      try require(node.inputs.allSatisfy { $0 < id }, "%\(id) \(node.op.name) comes too early")
      let type = try node.op.outputType(of: node.inputs.map { nodes[$0].type })
      let isStoredAsSaid = type.scalar == node.type.scalar
        || type.scalar.isFloatingPoint && node.type.scalar.isFloatingPoint
      try require(
        type.shape == node.type.shape && isStoredAsSaid,
        "%\(id) \(node.op.name) is \(type), not \(node.type)")
    }
    for update in updates {
      try require(nodes[update.variable].op is Source, "%\(update.variable) is not a variable")
    }
  }
}
