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
  private var steps: [[PreparedLaunch]] = []
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
  /// - Parameter plan: made by ``plan(_:on:memory:)`` for this device.
  package init(_ plan: Plan, on device: Device) throws {
    self.plan = plan
    context = try Context(device: device)
    queue = try Queue(context: context)
    let arenas = try plan.arenas.map { try Buffer(context: context, byteCount: $0) }
    for (id, placement) in plan.placements {
      let byteCount = max(plan.trace.nodes[id].type.byteCount, 4)
      switch placement {
      case .own: buffers[id] = try Buffer(context: context, byteCount: byteCount)
      case .arena(let slot):
        buffers[id] = try arenas[slot.arena].subBuffer(offset: slot.offset, byteCount: byteCount)
      }
    }
    // Before weights come, so that they do not meet what compilers need.
    let compiler = KernelCompiler(context: context)
    steps = try plan.loop.map { try prepare($0, arenas, compiler) }
    let setup = try plan.setup.map { try prepare($0, arenas, compiler) }

    for (id, placement) in plan.placements where placement == .own { try upload(id) }
    for (index, launches) in setup.enumerated() {
      for id in plan.uploads[index] ?? [] { try upload(id) }
      for launch in launches {
        try queue.enqueue(launch.kernel, global: launch.global, local: launch.local)
      }
    }
    try queue.finish()
    updates = plan.trace.updates.map {
      (buffers[plan.storage[$0.value]]!, buffers[plan.storage[$0.variable]]!)
    }
  }

  private func prepare(
    _ step: Plan.Step, _ arenas: [Buffer], _ compiler: KernelCompiler
  ) throws -> [PreparedLaunch] {
    let inputs = try plan.trace.nodes[step.node].inputs.map(buffer)
    let scratch = try zip(step.scratch, step.scratchBytes).map { slot, bytes in
      try arenas[slot.arena].subBuffer(offset: slot.offset, byteCount: bytes)
    }
    return try step.launches.map { launch in
      try compiler.prepare(launch) { argument in
        switch argument {
        case .input(let index): inputs[index]
        case .scratch(let index): scratch[index]
        default: buffers[step.node]!
        }
      }
    }
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
    for launches in steps {
      for launch in launches {
        try queue.enqueue(launch.kernel, global: launch.global, local: launch.local)
      }
    }
    try update(queue)
    try queue.flush()
  }

  package func profile() throws -> StepProfile {
    try queue.finish()
    let timed = try Queue(context: context, profiling: true)
    let events = try steps.map { launches in
      try launches.map {
        try timed.enqueueWithEvent($0.kernel, global: $0.global, local: $0.local)
      }
    }
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
