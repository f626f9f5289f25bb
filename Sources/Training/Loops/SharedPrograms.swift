import Execution
import TensorGraph

/// Programs of one training that share variables.
final class SharedPrograms {
  let device: ComputeDevice
  private let store = VariableStore()
  private var programs: [any Executable] = []

  init(device: ComputeDevice) { self.device = device }

  func compile(_ graph: Graph) throws -> any Executable {
    let program = try device.compile(device.plan(graph), variables: store)
    programs.append(program)
    return program
  }

  /// Every variable of every program, by name.
  func snapshot() throws -> [String: HostTensor<Float>] {
    var state: [String: HostTensor<Float>] = [:]
    for program in programs {
      let names = program.plan.variables.filter { state[$0.key] == nil }
      for ((name, type), values) in zip(names, try program.read(names.map(\.key))) {
        state[name] = HostTensor(shape: type.shape, values)
      }
    }
    return state
  }

  /// Writes the variables that ``snapshot()`` gave of the same programs.
  /// - Throws: `ExecutionError.wrongState` with every difference, before anything is written.
  func restore(_ state: [String: HostTensor<Float>]) throws {
    let known: [String: TensorType] = programs.reduce(into: [:]) {
      $0.merge($1.plan.variables) { type, _ in type }
    }
    try known.requireFit(of: state)
    var written: Set<String> = []
    for program in programs {
      for name in program.plan.variables.keys where written.insert(name).inserted {
        try program.write(name, state[name]!.values)
      }
    }
  }
}
