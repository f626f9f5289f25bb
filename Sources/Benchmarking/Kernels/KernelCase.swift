import Execution
import TensorGraph

/// A computation as it occurs in a step; equal ones take equally long.
struct KernelCase: Hashable {
  let computation: Computation
  /// Inputs that keep their values from step to step, and so may be packed once.
  let isConstant: [Bool]

  var op: any Op { computation.op }
  var inputs: [TensorType] { computation.inputs }
  var output: TensorType { computation.output }

  /// The work of every step of `graph`, in order, before any device's kernels are chosen.
  static func all(of graph: Graph) throws -> [KernelCase] {
    let trace = try Pipeline.run(graph)
    let isFixed = trace.isFixed
    return trace.nodes.enumerated().compactMap { id, node in
      guard !isFixed[id], !(node.op is Source), !(node.op is any ViewOp) else { return nil }
      return KernelCase(
        computation: trace.computation(of: id), isConstant: node.inputs.map { isFixed[$0] })
    }
  }

  /// Distinct ones, with how often each occurs.
  static func counted(_ kernels: [KernelCase]) -> [(kernel: KernelCase, count: Int)] {
    var counts: [KernelCase: Int] = [:]
    var order: [KernelCase] = []
    for kernel in kernels {
      if counts[kernel] == nil { order.append(kernel) }
      counts[kernel, default: 0] += 1
    }
    return order.map { ($0, counts[$0]!) }
  }

  /// Without the epilogue that its kernel may apply.
  var withoutEpilogue: KernelCase {
    let base = computation.base
    return KernelCase(
      computation: Computation(
        op: op, inputs: base.inputs, output: TensorType(base.output.shape, output.scalar)),
      isConstant: Array(isConstant[..<base.inputs.count]))
  }

  /// The shapes, and the pointwise program if there is one: what tells cases of one op apart.
  var shapes: String {
    let types = inputs.map(\.description).joined(separator: " ") + " → \(output)"
    return computation.program.map { "\(types), \($0.instructions.count) pointwise" } ?? types
  }

  var cost: Cost { computation.cost }

  /// The op alone as a program.
  func graph() -> Graph {
    let graph = Graph()
    if inputs.contains(where: { $0.scalar == .float16 }) { graph.precision = .half }
    let tensors = zip(inputs, isConstant).enumerated().map { index, input in
      let (type, isConstant) = input
      return isConstant
        ? graph.constant(name(index), type.shape, .reader { Self.fill($0, index) })
        : graph.input(name(index), type.shape, type.scalar)
    }
    graph.output(Self.outputName, graph.apply(computation, tensors))
    return graph
  }

  static let outputName = "output"

  /// ``graph()`` compiled and run once.
  /// - Parameter feeds: what ``feeds()`` says, which takes its time.
  func program(on device: ComputeDevice, _ feeds: [String: [Float]]) throws -> TimedProgram {
    try TimedProgram(graph(), feeds: feeds, on: device)
  }

  /// Values of the inputs that are none of the program's constants, by name. Codes are all the
  /// first.
  func feeds() throws -> [String: [Float]] {
    var feeds: [String: [Float]] = [:]
    for (index, type) in inputs.enumerated() where !isConstant[index] {
      var values = [Float](repeating: 0, count: type.elementCount)
      if type.scalar != .int32 {
        values.withUnsafeMutableBufferPointer { Self.fill($0, index) }
      }
      feeds[name(index)] = values
    }
    if let gradient = op as? AttentionGradient {
      // Kernels are free to compute statistics themselves, so they must be those of the rest.
      for (index, values) in try statistics(of: gradient, feeds) { feeds[name(index)] = values }
    }
    return feeds
  }

  /// What the inputs of an attention's gradient behind the first four are, given those.
  private func statistics(
    of op: AttentionGradient, _ feeds: [String: [Float]]
  ) throws -> [(index: Int, values: [Float])] {
    let graph = Graph()
    let rows = (0..<4).map { graph.input(name($0), inputs[$0].shape) }
    let output = rows[0].attention(
      keys: rows[1], values: rows[2], scale: op.scale, causal: op.causal)
    let logSum = AttentionLogSumExp(scale: op.scale, causal: op.causal)
    graph.output(name(4), graph.apply(logSum, [rows[0], rows[1]]))
    graph.output(name(5), (rows[3] * output).sum(axes: [3]))
    let program = try ComputeDevice.cpu.compile(graph)
    for index in 0..<4 { try program.write(name(index), feeds[name(index)]!) }
    try program.step()
    return try (4...5).map { ($0, try program.read(name($0))) }
  }

  private func name(_ index: Int) -> String { "input \(index)" }

  /// Numbers that rise from -1 to 1, so that positions to sample at lie side by side as in a step,
  /// in waves of another length for each input, so that no two of them are alike. All are halves.
  /// A single number, such as that of the step, is 1.
  private static func fill(_ values: UnsafeMutableBufferPointer<Float>, _ input: Int) {
    if values.count == 1 { return values[0] = 1 }
    let step = 2 / Float(values.count)
    for index in values.indices {
      let wave = Float(index * (2 * input + 3) % 31) / 64 - 0.25
      values[index] = Float(Float16(Float(index) * step - 1 + wave))
    }
  }
}
