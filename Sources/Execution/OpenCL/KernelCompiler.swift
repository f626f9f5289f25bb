import Kernels
import OpenCLRuntime
import Synchronization
import TensorGraph

/// A kernel with its arguments set and its index space: ready to be enqueued any number of times.
package struct PreparedLaunch {
  package let kernel: Kernel
  package let offset: Int
  package let global: WorkSize
  package let local: WorkSize
}

extension Queue {
  /// Enqueues one run.
  package func enqueue(_ launch: PreparedLaunch) throws(OpenCLError) {
    try enqueue(launch.kernel, offset: launch.offset, global: launch.global, local: launch.local)
  }

  /// Enqueues one run and returns its event.
  func enqueueWithEvent(_ launch: PreparedLaunch) throws(OpenCLError) -> Event {
    try enqueueWithEvent(
      launch.kernel, offset: launch.offset, global: launch.global, local: launch.local)
  }
}

/// Turns launches into kernels of one context; a text is compiled once.
///
/// One program at a time, as some drivers cannot compile on two threads.
package final class KernelCompiler: Sendable {
  /// Programs kept for launches to come; beyond, those that no kernel uses are released.
  private static let programLimit = 512

  package let context: Context
  private let programs = Mutex<[String: Program]>([:])

  package init(context: Context) { self.context = context }

  /// Has ``CompilerProcesses`` compile what the cache does not hold of these.
  /// - Throws: `KernelLibrary.MissingSource`.
  package func compileAhead(_ launches: [KernelLaunch]) throws {
    guard let processes = CompilerProcesses.own.withLock({ $0 }),
      let cache = ProgramCache.standard(for: context.device)
    else { return }
    let known = programs.withLock { Set($0.keys) }
    var missing: [String: CompilerProcesses.ProgramText] = [:]
    for launch in launches {
      let key = Self.key(of: launch)
      if known.contains(key) || missing[key] != nil { continue }
      let text = try Self.text(of: launch)
      let isKept = cache.holds(
        ProgramCache.Key(source: text.source, options: text.options, device: context.device))
      if !isKept { missing[key] = text }
    }
    processes.compile(Array(missing.values), for: context.device, into: cache)
  }

  /// Compiles what `launch` needs and binds its arguments.
  /// - Parameter bind: the buffer of an input, the output or a scratch argument.
  /// - Throws: ``OpenCLError`` with the compiler's log, or `KernelLibrary.MissingSource`.
  package func prepare(
    _ launch: KernelLaunch, bind: (TensorGraph.KernelArgument) -> Buffer
  ) throws -> PreparedLaunch {
    let kernel = try Kernel(program: program(for: launch), name: launch.kernel)
    try kernel.setArguments(
      launch.arguments.map { argument in
        switch argument {
        case .int(let value): .int32(Int32(value))
        case .uint(let value): .uint32(value)
        case .float(let value): .float(value)
        case .input, .output, .scratch: .buffer(bind(argument))
        }
      })
    return PreparedLaunch(
      kernel: kernel, offset: launch.offset, global: WorkSize(launch.global),
      local: WorkSize(launch.local))
  }

  private func program(for launch: KernelLaunch) throws -> Program {
    let key = Self.key(of: launch)
    return try programs.withLock { programs in
      if let known = programs[key] { return known }
      if programs.count >= Self.programLimit {
        for key in programs.keys where isKnownUniquelyReferenced(&programs[key]!) {
          programs[key] = nil
        }
      }
      let text = try Self.text(of: launch)
      let program = try Program(
        source: text.source, options: text.options, label: text.kernel, context: context,
        cache: .standard(for: context.device))
      programs[key] = program
      return program
    }
  }

  private static func text(of launch: KernelLaunch) throws -> CompilerProcesses.ProgramText {
    CompilerProcesses.ProgramText(
      kernel: launch.kernel,
      source: try KernelLibrary.source(
        named: launch.kernel, after: defines(of: launch) + launch.prelude),
      options: "-cl-std=CL1.2 -w")
  }

  /// Cache key of the text; assembling the text for every launch is slow.
  private static func key(of launch: KernelLaunch) -> String {
    launch.kernel + "\n" + defines(of: launch) + launch.prelude
  }

  private static func defines(of launch: KernelLaunch) -> String {
    launch.defines.sorted { $0.key < $1.key }.map { "#define \($0.key) \($0.value)\n" }.joined()
  }
}

extension WorkSize {
  /// One to three dimensions.
  init(_ sizes: [Int]) {
    switch sizes.count {
    case 1: self.init(sizes[0])
    case 2: self.init(sizes[0], sizes[1])
    default: self.init(sizes[0], sizes[1], sizes[2])
    }
  }
}
