import Foundation
import TensorGraph

/// A plan on the host's cores, without OpenCL: matmul and convolution by oneDNN, the large ones and
/// attention by loops in C, every other op by its own reference in fp32, shared out over the cores.
package final class CPUExecutable: Executable {
  /// Constant values of all programs on the CPU path.
  static let weights = WeightStore<HostTensor<Float>>()

  package let plan: Plan
  private let names: TensorNames
  private let arenas: [HostTensor<Float>]
  private var tensors: [Int: HostTensor<Float>] = [:]
  private var weights: [WeightStore<HostTensor<Float>>.Weight] = []
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

  /// - Parameters:
  ///   - plan: made by ``plan(_:memory:)``.
  ///   - variables: those to share with other programs; nil shares none.
  ///   - room: bytes that leases of weights may hold besides.
  package init(_ plan: Plan, variables: VariableStore? = nil, room: Int = .max) throws {
    self.plan = plan
    names = TensorNames(plan)
    arenas = plan.arenas.map { HostTensor(shape: [$0 / 4]) }
    let (keys, kept) = (plan.weightKeys, plan.keptConstants)
    let shared = plan.variableKeys.compactMapValues { variables?.tensors[$0] }
    weights = try Self.weights.weights(of: keys, kept: kept, room: room) { weights, wanted in
      let copies = try setUp(weights.merging(shared) { weight, _ in weight }, wanted)
      return tensors.filter { kept.contains($0.key) }.merging(copies) { kept, _ in kept }
    }
    if let variables {
      for (id, key) in plan.variableKeys { variables.tensors[key] = tensors[id]! }
    }
    loop = try plan.loop.map(computation)
  }

  /// Gives every value its memory, and constants and variables other than those `present` their value.
  /// - Returns: copies of the `wanted` constants, which lie in arenas.
  private func setUp(
    _ present: [Int: HostTensor<Float>], _ wanted: Set<Int>
  ) throws -> [Int: HostTensor<Float>] {
    for (id, placement) in plan.placements {
      let shape = plan.trace.nodes[id].type.shape
      switch placement {
      case _ where present[id] != nil: tensors[id] = present[id]
      case .own:
        tensors[id] = HostTensor(shape: shape)
        try upload(id)
      case .arena(let slot):
        tensors[id] = HostTensor(
          shape: shape, unowned: arenas[slot.arena].pointer + slot.offset / 4)
      }
    }
    var copies: [Int: HostTensor<Float>] = [:]
    for (step, uploads) in plan.setup(besides: Set(present.keys)) {
      for id in uploads {
        try upload(id)
        guard wanted.contains(id), let tensor = tensors[id] else { continue }
        let copy = HostTensor<Float>(shape: tensor.shape)
        copy.pointer.update(from: tensor.pointer, count: tensor.count)
        copies[id] = copy
      }
      try computation(step)()
    }
    // The loop reads none of those that others were made of.
    for id in present.keys where plan.placements[id] != .own { tensors[id] = nil }
    return copies
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
  private func computation(_ step: Plan.Dispatch) throws -> () throws -> Void {
    let node = plan.trace.nodes[step.node]
    let output = tensors[plan.storage[step.node]]!.reshaped(node.type.shape)
    let inputs = node.inputs.map {
      tensors[plan.storage[$0]]!.view(plan.trace.nodes[$0].type.shape, from: plan.offsets[$0])
    }
    if let prepared = node.op as? PreparedInput {
      return { try prepared.prepare(inputs[0], into: output) }
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

  /// - Parameter prepared: what the second input is, if it was prepared for ops like `op`.
  private func computation(
    _ op: any Op, _ inputs: [HostTensor<Float>], _ prepared: PreparedInput?,
    _ output: HostTensor<Float>
  ) throws -> () throws -> Void {
    let type = TensorType(output.shape)
    var types = inputs.map { TensorType($0.shape) }
    if let prepared { types[1] = prepared.type }
    let primitive = try hostPrimitive(
      op, inputs: types, output: type, isSecondConstant: prepared != nil)
    if let primitive { return { try primitive.run(inputs, into: output) } }
    let units = op.units(inputs: types, output: type)
    return { WorkerPool.run(units) { op.evaluate(inputs, into: output, units: $0) } }
  }

  package func write(_ name: String, _ values: [Float]) throws { try store(values, in: name) }
  package func write(_ name: String, integers: [Int32]) throws { try store(integers, in: name) }
  package func write(_ name: String, bytes: [UInt8]) throws { try store(bytes, in: name) }

  /// Stores what a device would hold, as floats.
  private func store(_ values: [some HostElement], in name: String) throws {
    let id = try names.writable(name)
    try plan.check(values.count, for: id, name)
    func held<Held: HostElement>(as type: Held.Type) -> [Float] {
      values.map { Held(storing: $0.float).float }
    }
    let floats =
      switch (plan.trace.nodes[id].op as? Source)?.type.scalar {
      case .uint8: held(as: UInt8.self)
      case .int32: held(as: Int32.self)
      default: held(as: Float.self)
      }
    tensors[id]!.pointer.update(from: floats, count: floats.count)
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

  package func read(_ names: [String]) throws -> [[Float]] {
    try names.map { name in
      let id = try self.names.readable(name)
      let tensor = tensors[plan.storage[id]]!
      return tensor.view(plan.trace.nodes[id].type.shape, from: plan.offsets[id]).values
    }
  }

  package func finish() throws {}
}
