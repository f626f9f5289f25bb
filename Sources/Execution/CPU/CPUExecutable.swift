import Foundation
import TensorGraph

/// A plan on the host's cores, without OpenCL: matmul and convolution by oneDNN, the large ones and
/// attention by loops in C, every other op by its own reference in fp32, shared out over the cores.
package final class CPUExecutable: Executable {
  package let plan: Plan
  private let arenas: [HostTensor<Float>]
  private var tensors: [Int: HostTensor<Float>] = [:]
  private var loop: [() throws -> Void] = []

  /// One arena may be as large as the address space allows.
  package static let traits = DeviceTraits(
    deviceClass: .cpu, computeUnits: 1, maxWorkGroupSize: 1, localMemoryBytes: 0,
    maxAllocationBytes: .max, alignment: 64)

  /// - Parameter memory: bytes that the plan may take.
  /// - Throws: ``ExecutionError/outOfMemory(device:needed:available:)``.
  package static func plan(_ graph: Graph, memory: Int = .max) throws -> Plan {
    let plan = try Plan(
      graph, device: traits, usesKernels: false, memory: memory, prepare: prepare)
    try plan.requireMemory(memory, of: "this machine")
    return plan
  }

  /// Prepares the constant second input of an op that has a primitive for it.
  ///
  /// Matrices that several products read, in a render forward and backward, stay as they are: each
  /// product would want its own form, a copy more for a twentieth of its time.
  private static func prepare(
    _ computation: Computation, _ isConstant: [Bool], _ readers: [Int]
  ) -> [Int: any Op] {
    guard computation.inputs.count > 1, isConstant[1] else { return [:] }
    if computation.op is MatMul, readers[1] > 1 { return [:] }
    return PreparedInput(
      for: computation.op, inputs: computation.inputs, output: computation.output
    ).map { [1: $0] } ?? [:]
  }

  /// - Parameter plan: made by ``plan(_:memory:)``.
  package init(_ plan: Plan) throws {
    self.plan = plan
    arenas = plan.arenas.map { HostTensor(shape: [$0 / 4]) }
    for (id, placement) in plan.placements {
      let shape = plan.trace.nodes[id].type.shape
      switch placement {
      case .own: tensors[id] = HostTensor(shape: shape)
      case .arena(let slot):
        tensors[id] = HostTensor(
          shape: shape, unowned: arenas[slot.arena].pointer + slot.offset / 4)
      }
    }
    for (id, placement) in plan.placements where placement == .own { try upload(id) }
    for (index, step) in plan.setup.enumerated() {
      for id in plan.uploads[index] ?? [] { try upload(id) }
      try computation(step)()
    }
    loop = try plan.loop.map(computation)
  }

  private func upload(_ id: Int) throws {
    let node = plan.trace.nodes[id]
    guard let tensor = tensors[id] else { return }
    if let literal = node.op as? Literal {
      tensor.pointer.update(from: literal.values, count: literal.values.count)
    } else if node.op is Source, let value = plan.trace.initialValues[id] {
      try value.read(into: UnsafeMutableBufferPointer(start: tensor.pointer, count: tensor.count))
    }
  }

  /// What a step does, with its memory and primitives bound.
  private func computation(_ step: Plan.Step) throws -> () throws -> Void {
    let node = plan.trace.nodes[step.node]
    let output = tensors[step.node]!
    let inputs = node.inputs.map {
      tensors[plan.storage[$0]]!.view(plan.trace.nodes[$0].type.shape, from: plan.offsets[$0])
    }
    if let prepared = node.op as? PreparedInput {
      let primitive = try prepared.primitive()
      return { try primitive.prepare(inputs[0], into: output) }
    }
    let prepared = node.inputs.lazy.compactMap { [plan] in
      plan.trace.nodes[$0].op as? PreparedInput
    }.first
    guard let epilogue = node.epilogue else {
      return try computation(node.op, inputs, prepared, output)
    }
    let base = try computation(
      node.op, inputs.dropLast(epilogue.inputCount), prepared,
      output.reshaped(epilogue.operand.shape))
    let operands = [output] + inputs.suffix(epilogue.inputCount)
    let units = PointwiseProgram.units(output.count)
    return {
      try base()
      WorkerPool.run(units) { epilogue.program.evaluate(operands, into: output, units: $0) }
    }
  }

  /// - Parameter prepared: what the second input is, if it was prepared for `op`.
  private func computation(
    _ op: any Op, _ inputs: [HostTensor<Float>], _ prepared: PreparedInput?,
    _ output: HostTensor<Float>
  ) throws -> () throws -> Void {
    let (types, type) = (inputs.map { TensorType($0.shape) }, TensorType(output.shape))
    let primitive =
      try prepared?.primitive()
      ?? hostPrimitive(op, inputs: types, output: type, isSecondConstant: false)
    if let primitive { return { try primitive.run(inputs, into: output) } }
    let units = op.units(inputs: types, output: type)
    return { WorkerPool.run(units) { op.evaluate(inputs, into: output, units: $0) } }
  }

  package func write(_ name: String, _ values: [Float]) throws {
    let id = try plan.writable(name)
    try plan.check(values.count, for: id, name)
    tensors[id]!.pointer.update(from: values, count: values.count)
  }

  package func step() throws {
    for computation in loop { try computation() }
    update()
  }

  package func profile() throws -> StepProfile {
    let clock = ContinuousClock()
    let seconds = try loop.map { try clock.measure($0) / .seconds(1) }
    update()
    return StepProfile(seconds: seconds)
  }

  private func update() {
    for update in plan.updates {
      let target = tensors[plan.storage[update.variable]]!
      target.pointer.update(from: tensors[plan.storage[update.value]]!.pointer, count: target.count)
    }
  }

  package func read(_ name: String) throws -> [Float] { try tensors[plan.readable(name)]!.values }

  package func finish() throws {}
}
