import TensorGraph

/// An op with the types of its inputs, as it occurs in a step; equal ones take equally long.
struct KernelCase: Hashable {
  let op: any Op
  let inputs: [TensorType]
  /// Whether each input keeps its value from step to step, so that it may be prepared once.
  let isConstant: [Bool]
  let output: TensorType

  /// The work of every step of `graph`, in order, before any device's kernels are chosen.
  static func all(of graph: Graph) throws -> [KernelCase] {
    let trace = try Pipeline.run(graph)
    let isFixed = trace.isFixed
    var cases: [KernelCase] = []
    for (id, node) in trace.nodes.enumerated()
    where !isFixed[id] && !(node.op is Source) && !(node.op is Reshape) {
      cases.append(
        KernelCase(
          op: node.op, inputs: node.inputs.map { trace.nodes[$0].type },
          isConstant: node.inputs.map { isFixed[$0] }, output: node.type))
    }
    return cases
  }

  /// The shapes, and the pointwise program if there is one: what tells cases of one op apart.
  var shapes: String {
    let program = (op as? FusedPointwise)?.program ?? (op as? Epilogue)?.program
    let types = inputs.map(\.description).joined(separator: " ") + " → \(output)"
    return program.map { "\(types), \($0.instructions.count) pointwise" } ?? types
  }

  var cost: Cost { op.cost(inputs: inputs, output: output) }

  /// The op alone as a program.
  func graph() -> Graph {
    let graph = Graph()
    let tensors = zip(inputs, isConstant).enumerated().map { index, input in
      let (type, isConstant) = input
      return isConstant
        ? graph.constant(name(index), type.shape, .reader(Self.ramp))
        : graph.input(name(index), type.shape, type.scalar)
    }
    graph.output("output", graph.apply(op, tensors))
    return graph
  }

  /// Values of the inputs that are none of the program's constants, by name. Codes are all the
  /// first; numbers rise from 0 to 1, so that positions to sample at lie side by side as in a step.
  var feeds: [String: [Float]] {
    var feeds: [String: [Float]] = [:]
    for (index, type) in inputs.enumerated() where !isConstant[index] {
      var values = [Float](repeating: 0, count: type.elementCount)
      if type.scalar == .float32 { values.withUnsafeMutableBufferPointer { Self.ramp($0) } }
      feeds[name(index)] = values
    }
    return feeds
  }

  private func name(_ index: Int) -> String { "input \(index)" }

  @Sendable private static func ramp(_ values: UnsafeMutableBufferPointer<Float>) {
    let step = 1 / Float(values.count)
    for index in values.indices { values[index] = Float(index) * step }
  }

  static func == (a: KernelCase, b: KernelCase) -> Bool {
    AnyHashable(a.op) == AnyHashable(b.op) && a.inputs == b.inputs && a.output == b.output
      && a.isConstant == b.isConstant
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(op))
    hasher.combine(inputs)
  }
}
