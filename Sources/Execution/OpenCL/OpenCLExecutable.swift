import OpenCLRuntime
import TensorGraph

/// A plan on an OpenCL device: arenas with a sub-buffer for each value, kernels with their
/// arguments set, and an in-order queue they are only enqueued to.
package final class OpenCLExecutable: Executable {
  package let plan: Plan
  package let context: Context
  private let queue: Queue
  private var buffers: [Int: Buffer] = [:]
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
  /// - Parameter plan: made by ``plan(_:on:memory:allocation:tuning:)`` for this device.
  /// - Throws: ``ExecutionError/allocationFailed(device:needed:)``, or what the driver or its compiler
  ///   says.
  package init(_ plan: Plan, on device: Device) throws {
    self.plan = plan
    context = try Context(device: device)
    queue = try Queue(context: context)
    let compiler = KernelCompiler(context: context)
    // Before there is anything that would not leave the compilers their memory.
    try compiler.compileAhead((plan.loop + plan.setup).flatMap(\.launches))
    let arenas = try allocate()
    steps = try plan.loop.map { try prepare($0, arenas, compiler) }
    let setup = try plan.setup.map { try prepare($0, arenas, compiler) }

    for (id, placement) in plan.placements where placement == .own { try upload(id) }
    var portions = Portions(of: queue)
    for (index, step) in setup.enumerated() {
      for id in plan.uploads[index] ?? [] { try upload(id) }
      try portions.enqueue(step)
    }
    try queue.finish()
    updates = plan.updates.map {
      (buffers[plan.storage[$0.value]]!, buffers[plan.storage[$0.variable]]!)
    }
  }

  /// Allocates what the plan says, and returns its arenas.
  ///
  /// Some drivers take memory when it is first used. That is here, where it can be said what is short.
  /// - Throws: ``ExecutionError/allocationFailed(device:needed:)``.
  private func allocate() throws -> [Buffer] {
    do {
      let arenas = try plan.arenas.map { try Buffer(context: context, byteCount: $0) }
      for arena in arenas { try queue.fill(arena, with: UInt32(0), byteCount: 4) }
      for (id, placement) in plan.placements {
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

  private func prepare(
    _ step: Plan.Step, _ arenas: [Buffer], _ compiler: KernelCompiler
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
        default: buffers[step.node]!
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
    if let literal = node.op as? Literal {
      try literal.values.withUnsafeBytes { try queue.write($0, to: buffers[id]!) }
    } else if node.op is Source, let value = plan.trace.initialValues[id] {
      let floats = try [Float](unsafeUninitializedCapacity: node.type.elementCount) { room, count in
        try value.read(into: UnsafeMutableBufferPointer(rebasing: room[..<node.type.elementCount]))
        count = node.type.elementCount
      }
      try write(floats, id)
    }
  }

  private func write(_ values: [Float], _ id: Int) throws {
    func copy(_ values: [some BitwiseCopyable]) throws {
      try values.withUnsafeBytes { try queue.write($0, to: buffers[id]!) }
    }
    switch plan.trace.nodes[id].type.scalar {
    case .float32: try copy(values)
    case .float16: try copy(values.map { Float16($0) })
    case .int32: try copy(values.map { Int32($0) })
    }
  }

  package func write(_ name: String, _ values: [Float]) throws {
    let id = try plan.writable(name)
    try plan.check(values.count, for: id, name)
    try write(values, id)
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

  package func read(_ name: String) throws -> [Float] {
    let id = try plan.readable(name)
    let type = plan.trace.nodes[id].type
    var words = [UInt32](repeating: 0, count: type.elementCount)
    try words.withUnsafeMutableBytes { try queue.read(buffers[id]!, into: $0) }
    return words.map {
      type.scalar == .int32 ? Float(Int32(bitPattern: $0)) : Float(bitPattern: $0)
    }
  }

  package func finish() throws { try queue.finish() }
}
