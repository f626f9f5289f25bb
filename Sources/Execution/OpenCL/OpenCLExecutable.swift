import OpenCLRuntime
import TensorGraph

/// A plan on an OpenCL device: arenas with a sub-buffer for each value, kernels with their
/// arguments set, and an in-order queue they are only enqueued to.
package final class OpenCLExecutable: Executable {
  package let plan: Plan
  package let context: Context
  private let queue: Queue
  private let names: TensorNames
  private var buffers: [Int: Buffer] = [:]
  /// By the input's node, from its first write on.
  private var staged: [Int: StagedInput] = [:]
  private var weights: [WeightStore<Buffer>.Weight] = []
  /// Of each entry of the plan's `loop`.
  private var steps: [PreparedStep] = []
  private var updates: [(source: Buffer, target: Buffer)] = []

  /// - Parameters:
  ///   - memory: bytes that the plan may take; nil takes all that the device has.
  ///   - allocation: the most bytes in one piece; nil takes the device's limit.
  ///   - tuning: kernels and settings to prefer; what is asked first comes first.
  /// - Throws: ``ExecutionError/outOfMemory(device:needed:available:)`` or
  ///   ``ExecutionError/allocationTooLarge(device:needed:limit:)``.
  package static func plan(
    _ graph: Graph, on device: Device, memory: Int? = nil, allocation: Int? = nil,
    tuning: [Tuning] = []
  ) throws -> Plan {
    let memory = memory ?? device.globalMemory
    var traits = DeviceTraits(device)
    if let allocation { traits.maxAllocationBytes = allocation }
    let plan = try Plan(
      graph, device: traits, usesKernels: true, memory: memory, tuning: tuning)
    try plan.requireMemory(memory, of: device.description)
    guard plan.largestAllocation <= traits.maxAllocationBytes else {
      throw ExecutionError.allocationTooLarge(
        device: device.description, needed: plan.largestAllocation,
        limit: traits.maxAllocationBytes)
    }
    try plan.requireIndexable()
    return plan
  }

  /// Allocates, compiles, uploads and computes what depends on constants alone.
  /// - Parameters:
  ///   - plan: made by ``plan(_:on:memory:allocation:tuning:)`` for this device.
  ///   - variables: those to share with other programs; nil shares none.
  ///   - room: bytes that leases of weights may hold besides.
  /// - Throws: ``ExecutionError/allocationFailed(device:needed:)``, or what the driver or its compiler
  ///   says.
  package init(
    _ plan: Plan, on device: Device, variables: VariableStore? = nil, room: Int = .max
  ) throws {
    self.plan = plan
    names = TensorNames(plan)
    let resources = try DeviceResources.of(device)
    context = resources.context
    queue = try variables?.queue(context) ?? Queue(context: context)
    // Before there is anything that would not leave the compilers their memory.
    try resources.compiler.compileAhead((plan.loop + plan.setup).flatMap(\.launches))
    let (keys, kept) = (plan.weightKeys, plan.keptConstants)
    let shared = plan.variableKeys.compactMapValues { variables?.buffers[$0] }
    let store = resources.weights
    weights = try store.weights(of: keys, kept: kept, room: room) { weights, wanted in
      let present = weights.merging(shared) { weight, _ in weight }
      let arenas = try allocate(present)
      steps = try plan.loop.map { try prepare($0, arenas, resources.compiler) }
      let copies = try setUp(present, wanted, arenas, resources.compiler)
      return buffers.filter { kept.contains($0.key) }.merging(copies) { kept, _ in kept }
    }
    if let variables {
      for (id, key) in plan.variableKeys { variables.buffers[key] = buffers[id]! }
    }
    updates = plan.updates.map {
      (buffers[plan.storage[$0.value]]!, buffers[plan.storage[$0.variable]]!)
    }
  }

  /// Allocates what the plan says besides values that are `present`, and returns its arenas.
  ///
  /// Some drivers take memory when it is first used. That is here, where it can be said what is short.
  /// - Throws: ``ExecutionError/allocationFailed(device:needed:)``.
  private func allocate(_ present: [Int: Buffer]) throws -> [Buffer] {
    do {
      let arenas = try plan.arenas.map { try Buffer(context: context, byteCount: $0) }
      for arena in arenas { try queue.fill(arena, with: UInt32(0), byteCount: 4) }
      buffers = present
      for (id, placement) in plan.placements where present[id] == nil {
        let byteCount = max(plan.trace.nodes[id].type.byteCount, 4)
        switch placement {
        case .own:
          let buffer = try Buffer(context: context, byteCount: byteCount)
          try queue.fill(buffer, with: UInt32(0), byteCount: 4)
          buffers[id] = buffer
        case .arena(let slot):
          buffers[id] = try arenas[slot.arena].subBuffer(offset: slot.offset, byteCount: byteCount)
        }
      }
      try queue.finish()
      return arenas
    } catch let error as OpenCLError where error.isShortageOfMemory {
      throw ExecutionError.allocationFailed(
        device: context.device.description, needed: plan.totalBytes)
    }
  }

  /// Uploads variables and constants, and computes what depends on constants alone, besides values
  /// that are `present`.
  /// - Returns: copies of the `wanted` constants, which lie in arenas.
  private func setUp(
    _ present: [Int: Buffer], _ wanted: Set<Int>, _ arenas: [Buffer], _ compiler: KernelCompiler
  ) throws -> [Int: Buffer] {
    for (id, placement) in plan.placements where placement == .own && present[id] == nil {
      try upload(id)
    }
    var copies: [Int: Buffer] = [:]
    var portions = Portions(of: queue)
    for (step, uploads) in plan.setup(besides: Set(present.keys)) {
      let step = try prepare(step, arenas, compiler)
      for id in uploads {
        try upload(id)
        guard wanted.contains(id), let buffer = buffers[id] else { continue }
        let copy = try Buffer(context: context, byteCount: buffer.byteCount)
        try queue.copy(buffer, to: copy, byteCount: buffer.byteCount)
        copies[id] = copy
      }
      try portions.enqueue(step)
    }
    try queue.finish()
    // The loop reads none of those that others were made of.
    for id in present.keys where plan.placements[id] != .own { buffers[id] = nil }
    return copies
  }

  private func prepare(
    _ step: Plan.Dispatch, _ arenas: [Buffer], _ compiler: KernelCompiler
  ) throws -> PreparedStep {
    let inputs = try plan.trace.nodes[step.node].inputs.map(buffer)
    let scratch = try zip(step.scratch, step.scratchBytes).map { slot, bytes in
      try arenas[slot.arena].subBuffer(offset: slot.offset, byteCount: bytes)
    }
    let launches = try step.launches.map { launch in
      try compiler.prepare(launch) { argument in
        switch argument {
        case .input(let index): inputs[index]
        case .scratch(let index): scratch[index]
        default: buffers[plan.storage[step.node]]!
        }
      }
    }
    return PreparedStep(launches: launches, flops: step.work.flops)
  }

  /// The memory of a node's value: that of its storage node, or a part of it.
  private func buffer(_ id: Int) throws -> Buffer {
    let whole = buffers[plan.storage[id]]!
    let type = plan.trace.nodes[id].type
    let isWhole = type.byteCount == plan.trace.nodes[plan.storage[id]].type.byteCount
    return isWhole
      ? whole
      : try whole.subBuffer(
        offset: plan.offsets[id] * type.scalar.byteCount, byteCount: type.byteCount)
  }

  /// First value of a constant or variable; inputs start at zero.
  private func upload(_ id: Int) throws {
    let node = plan.trace.nodes[id]
    let (buffer, count) = (buffers[id]!, node.type.elementCount)
    if let literal = node.op as? Literal {
      try store(literal.values, id)
    } else if node.op is Source, let value = plan.trace.initialValues[id], count > 0 {
      try queue.write(to: buffer) { memory in
        // fp32 values are read straight into the device's memory.
        if node.type.scalar == .float32 {
          return try value.read(
            into: UnsafeMutableBufferPointer(rebasing: memory.bindMemory(to: Float.self)[..<count]))
        }
        let floats = try [Float](unsafeUninitializedCapacity: count) { room, initialized in
          try value.read(into: UnsafeMutableBufferPointer(rebasing: room[..<count]))
          initialized = count
        }
        node.type.scalar.store(floats, into: memory)
      }
    }
  }

  private func store(_ values: [some HostElement], _ id: Int) throws {
    if values.isEmpty { return }
    try queue.write(to: buffers[id]!) { plan.trace.nodes[id].type.scalar.store(values, into: $0) }
  }

  package func write(_ name: String, _ values: [Float]) throws { try store(values, in: name) }
  package func write(_ name: String, integers: [Int32]) throws { try store(integers, in: name) }
  package func write(_ name: String, bytes: [UInt8]) throws { try store(bytes, in: name) }

  private func store(_ values: [some HostElement], in name: String) throws {
    let id = try names.writable(name)
    try plan.check(values.count, for: id, name)
    let type = plan.trace.nodes[id].type
    guard (plan.trace.nodes[id].op as? Source)?.role == .input, type.elementCount > 0 else {
      return try store(values, id)
    }
    if staged[id] == nil { staged[id] = StagedInput(byteCount: type.byteCount) }
    try staged[id]!.write(to: buffers[id]!, queue) { type.scalar.store(values, into: $0) }
  }

  package func step() throws {
    var portions = Portions(of: queue)
    for step in steps { try portions.enqueue(step) }
    try update(queue)
    try queue.flush()
  }

  package func profile() throws -> StepProfile {
    try queue.finish()
    let timed = try Queue(context: context, profiling: true)
    var portions = Portions(of: timed)
    let events = try steps.map { try portions.enqueueWithEvents($0) }
    try update(timed)
    try timed.finish()
    return StepProfile(
      seconds: try events.map { try $0.reduce(0) { try $0 + $1.times().duration } })
  }

  private func update(_ queue: Queue) throws(OpenCLError) {
    for update in updates {
      try queue.copy(update.source, to: update.target, byteCount: update.target.byteCount)
    }
  }

  package func read(_ names: [String]) throws -> [[Float]] {
    let ids = try names.map { try self.names.readable($0) }
    let types = ids.map { plan.trace.nodes[$0].type }
    let copies = types.map {
      UnsafeMutableRawBufferPointer.allocate(byteCount: $0.byteCount, alignment: 64)
    }
    defer { for copy in copies { copy.deallocate() } }
    do {
      for (id, copy) in zip(ids, copies) {
        try queue.read(buffer(id), into: copy, blocking: false)
      }
      try queue.finish()
    } catch {
      // Copies that are under way end before their memory goes.
      try? queue.finish()
      throw error
    }
    return zip(types, copies).map { $0.scalar.floats(UnsafeRawBufferPointer($1)) }
  }

  package func finish() throws { try queue.finish() }
}
