extension Graph {
  /// Evaluates `targets` node by node with the references, without passes, plan or device: the
  /// oracle that every executor is compared with.
  /// - Parameter feeds: values of sources by name; the others take their initial value.
  package func interpret(
    _ targets: [Tensor], feeds: [String: HostTensor<Double>] = [:]
  ) throws -> [HostTensor<Double>] {
    var values: [Int: HostTensor<Double>] = [:]
    for id in needed(by: targets) {
      let node = nodes[id]
      if let source = node.op as? Source {
        values[id] = try feeds[source.name] ?? initialValue(of: id)
      } else {
        values[id] = trace.computation(of: id).evaluate(node.inputs.map { values[$0]! })
      }
    }
    return targets.map { values[$0.id]! }
  }

  /// Nodes that `targets` depend on, themselves included, inputs first. Others may have been traced
  /// beside them: the gradient of an input that nobody asked for.
  package func needed(by targets: [Tensor]) -> [Int] {
    var needed = Set(targets.map(\.id))
    for id in nodes.indices.reversed() where needed.contains(id) {
      needed.formUnion(nodes[id].inputs)
    }
    return needed.sorted()
  }

  private func initialValue(of id: Int) throws -> HostTensor<Double> {
    let shape = nodes[id].type.shape
    var floats = [Float](repeating: 0, count: shape.elementCount)
    try floats.withUnsafeMutableBufferPointer { try trace.initialValues[id]!.read(into: $0) }
    return HostTensor(shape: shape, floats.map(Double.init))
  }
}
