import TensorGraph

extension Executable {
  /// Value of every variable, by name; int32 values as floats.
  ///
  /// Waits for all steps.
  public func snapshot() throws -> [String: HostTensor<Float>] {
    let variables = Array(plan.variables)
    var state: [String: HostTensor<Float>] = [:]
    for ((name, type), values) in zip(variables, try read(variables.map(\.key))) {
      state[name] = HostTensor(shape: type.shape, values)
    }
    return state
  }

  /// Gives every variable the value that it has in `state`, as ``snapshot()`` returned it.
  ///
  /// Nothing is written unless `state` has all variables, no others, each in its shape.
  /// - Throws: ``ExecutionError/wrongState(missing:unknown:shapes:)`` with every difference.
  public func restore(_ state: [String: HostTensor<Float>]) throws {
    try plan.variables.requireFit(of: state)
    for (name, value) in state { try write(name, value.values) }
  }
}

extension [String: TensorType] {
  /// Checks that `state` has these variables, no others, each in its shape.
  /// - Throws: ``ExecutionError/wrongState(missing:unknown:shapes:)`` with every difference.
  package func requireFit(of state: [String: HostTensor<Float>]) throws(ExecutionError) {
    let missing = keys.filter { state[$0] == nil }
    let unknown = state.keys.filter { self[$0] == nil }
    let shapes = compactMap { name, type in
      state[name].flatMap { value in
        value.shape == type.shape ? nil : "'\(name)' is \(value.shape), not \(type.shape)"
      }
    }
    guard missing.isEmpty, unknown.isEmpty, shapes.isEmpty else {
      throw .wrongState(
        missing: missing.sorted(), unknown: unknown.sorted(), shapes: shapes.sorted())
    }
  }
}

extension Plan {
  /// Type of every variable, by name.
  package var variables: [String: TensorType] {
    var variables: [String: TensorType] = [:]
    for node in trace.nodes {
      guard let source = node.op as? Source, source.role == .variable else { continue }
      variables[source.label] = source.type
    }
    return variables
  }
}
