import Execution
import Foundation
import Kernels
import OpenCLRuntime
import Support
import TensorGraph
import TestSupport
import Testing

/// Runs single kernels on one device, between canaries and on poisoned memory. Oclgrind watches
/// bounds and reads itself: it gets buffers of their own, written to only where a kernel reads
/// inputs, as it takes guards for part of the buffer and poison for values.
final class KernelBench: @unchecked Sendable {
  let device: Device
  fileprivate let isWatched: Bool
  /// Buffers of a watched device: what Oclgrind 21.10 knows of one it would take for knowledge of
  /// the next at the same address, so none is released.
  private var kept: [Buffer] = []
  private let context: Context
  private let queue: Queue
  private let compiler: KernelCompiler

  init(_ device: Device) throws {
    self.device = device
    isWatched = device.platform.name == "Oclgrind"
    context = try Context(device: device)
    queue = try Queue(context: context)
    compiler = KernelCompiler(context: context)
  }

  /// Every OpenCL device of this machine.
  static let all: [KernelBench] = {
    do { return try thread.run { try Device.all().map(KernelBench.init) } } catch {
      fatalError("\(error)")
    }
  }()

  /// Where all kernels run.
  private static let thread = SoleThread()

  private static let canary: UInt32 = 0x7fc0_dead  // a quiet NaN: whoever reads it, shows it
  private static let guardBytes = 4096

  /// Output of `plan` for these inputs, checked for writes outside it.
  func run(
    _ plan: KernelPlan, inputs: [(HostTensor<Double>, ScalarType)], output: TensorType
  ) throws -> [Double] {
    let (values, damaged) = try Self.thread.run {
      try compute(plan, inputs: inputs, output: output)
    }
    #expect(damaged.isEmpty, "buffers \(damaged) were written outside their bounds")
    return values
  }

  /// The output, and which of inputs, scratch and output were written outside.
  private func compute(
    _ plan: KernelPlan, inputs: [(HostTensor<Double>, ScalarType)], output: TensorType
  ) throws -> (values: [Double], damaged: [Int]) {
    func upload(_ values: [some BitwiseCopyable]) throws -> Guarded {
      try values.withUnsafeBytes { bytes in
        let buffer = try guarded(byteCount: bytes.count)
        try queue.write(bytes, to: buffer.window)
        return buffer
      }
    }
    var buffers = try inputs.map { tensor, scalar in
      switch scalar {
      case .float32: try upload(tensor.values.map { Float($0) })
      case .float16: try upload(tensor.values.map { Float16($0) })
      case .int32: try upload(tensor.values.map { Int32($0) })
      case .uint8: try upload(tensor.values.map { UInt8($0) })
      }
    }
    let result = try guarded(byteCount: output.byteCount)
    let scratch = try plan.scratch.map { try guarded(byteCount: $0) }
    func enqueue(_ launch: KernelLaunch, _ inputs: [Guarded], _ output: Guarded) throws {
      let prepared = try compiler.prepare(launch) { argument in
        switch argument {
        case .input(let index): inputs[index].window
        case .scratch(let index): scratch[index].window
        default: output.window
        }
      }
      try queue.enqueue(prepared)
    }
    var all = buffers
    for (index, preparation) in plan.prepared {
      let prepared = try guarded(byteCount: preparation.type.byteCount)
      try enqueue(preparation.launch, [buffers[index]], prepared)
      buffers[index] = prepared
      all.append(prepared)
    }
    for launch in plan.launches { try enqueue(launch, buffers, result) }
    try queue.finish()
    all += scratch + [result]
    let damaged = try all.indices.filter { try !intact(all[$0]) }
    let values: [Double] =
      switch output.scalar {
      case .float32: try read(result.window, as: Float.self).map(Double.init)
      case .float16: try read(result.window, as: Float16.self).map(Double.init)
      case .int32: try read(result.window, as: Int32.self).map(Double.init)
      case .uint8: try read(result.window, as: UInt8.self).map(Double.init)
      }
    return (Array(values.prefix(output.elementCount)), damaged)
  }

  private struct Guarded {
    let whole: Buffer
    let window: Buffer
  }

  /// Uninitialised memory: poisoned, and with guards around it, unless the device is watched.
  private func guarded(byteCount: Int) throws -> Guarded {
    let bytes = (max(byteCount, 4) + 3) / 4 * 4
    if isWatched {
      let buffer = try Buffer(context: context, byteCount: bytes)
      kept.append(buffer)
      return Guarded(whole: buffer, window: buffer)
    }
    let whole = try Buffer(context: context, byteCount: bytes + 2 * Self.guardBytes)
    try queue.fill(whole, with: Self.canary)
    return Guarded(
      whole: whole, window: try whole.subBuffer(offset: Self.guardBytes, byteCount: bytes))
  }

  private func intact(_ buffer: Guarded) throws -> Bool {
    if isWatched { return true }
    let words = try read(buffer.whole, as: UInt32.self)
    let edge = Self.guardBytes / 4
    return words.prefix(edge).allSatisfy { $0 == Self.canary }
      && words.suffix(edge).allSatisfy { $0 == Self.canary }
  }

  private func read<T: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ buffer: Buffer, as type: T.Type
  ) throws -> [T] {
    var values = [T](repeating: 0, count: buffer.byteCount / MemoryLayout<T>.stride)
    try values.withUnsafeMutableBytes { try queue.read(buffer, into: $0) }
    return values
  }
}

/// What a node of a test's graph, or of the gradients it asks for, computes.
struct KernelCheck {
  let op: any Op
  let inputs: [(HostTensor<Double>, ScalarType)]
  let output: TensorType
  /// In Double, from the inputs as they are stored.
  let expected: [Double]

  /// Those that have kernels; in half precision, those that can store any of theirs as halves.
  static func all(of test: OpCase, _ precision: Precision) throws -> [KernelCheck] {
    let traced = TracedCase(test)
    let (graph, feeds) = (traced.graph, traced.feeds)
    let nodes = graph.needed(by: traced.targets).map { graph.nodes[$0] }
    return try nodes.filter { !($0.op is Source) && !$0.op.variants.isEmpty }.compactMap { node in
      let inputs = node.inputs.map { Tensor(graph: graph, id: $0) }
      let computation = Computation(
        op: node.op, inputs: inputs.map(\.type), output: node.type)
      let types = inputs.enumerated().map { index, input in
        input.type.stored(asHalves: precision == .half && computation.readsFP16(index))
      }
      let output = node.type.stored(asHalves: precision == .half && computation.storesFP16)
      if precision == .half && !(types + [output]).contains(where: { $0.scalar == .float16 }) {
        return nil
      }
      let values = zip(try graph.interpret(inputs, feeds: feeds), types).map {
        $1.scalar == .float16 ? $0.roundedToHalf : $0.rounded
      }
      return KernelCheck(
        op: node.op, inputs: Array(zip(values, types.map(\.scalar))), output: output,
        expected: node.op.evaluate(values, type: node.type).values)
    }
  }

  /// The case for which a variant is chosen on a device.
  func context(_ traits: DeviceTraits) -> KernelContext {
    KernelContext(
      inputs: inputs.map { TensorType($0.0.shape, $0.1) }, output: output, device: traits)
  }
}

/// Every kernel of the test's graph and of the gradients it asks for, in every variant, on every
/// device, for the device classes that suit it, against the reference in Double.
/// - Parameters:
///   - precision: in half, all that kernels can store as halves is.
///   - tuned: whether every variant is run with the settings that a tuner may choose, too, each on one
///     of the devices.
func checkKernels(
  _ test: OpCase, _ precision: Precision = .full, tuned: Bool = false
) throws {
  let isLarge = ProcessInfo.processInfo.environment["TESSERA_LARGE"] != nil
  for computation in try KernelCheck.all(of: test, precision) {
    let (op, output) = (computation.op, computation.output)
    // Rounding to a half loses up to 2⁻¹¹ of a value, which is at most the largest.
    let tolerance = test.tolerance + (output.scalar == .float16 ? 0x1p-11 : 0)
    // Halves take turns on the devices, and of what a tuner may choose every other is tried; `make large`
    // has all.
    let turn = Int(FNV1a.hash32(test.label) % UInt32(max(KernelBench.all.count, 1)))
    for (number, bench) in KernelBench.all.enumerated() {
      if precision == .half, !isLarge, number != turn { continue }
      let own = DeviceTraits(bench.device)
      var done: Set<CompiledPlan> = []
      for traits in bench.traits {
        let isForeign = traits.registerFloats != own.registerFloats || traits.vendor != own.vendor
        var context = computation.context(traits)
        let variants = op.variants.filter { $0.accepts(context) }
        #expect(!variants.isEmpty, "\(op.name) has no variant for \(context.inputs)")
        for variant in variants {
          if bench.isWatched, test.isSizedForCPUs, variant.isForGPUs(context) { continue }
          context.settings = [:]
          let candidates = tuned && !isForeign ? variant.candidates(context) : []
          let chosen = stride(
            from: number, to: candidates.count, by: KernelBench.all.count * (isLarge ? 1 : 2))
          for settings in [[:]] + chosen.map({ candidates[$0] }) {
            context.settings = settings
            let plan = variant.plan(context)
            guard done.insert(try CompiledPlan(plan, traits)).inserted else { continue }
            let computed = try bench.run(
              plan.compiled(for: context), inputs: computation.inputs, output: output)
            let error = relativeError(computed, computation.expected)
            #expect(
              error <= tolerance,
              """
              \(test.label): \(variant.name) \(settings) (\(traits.deviceClass), registers of \
              \(traits.registerFloats), \(traits.vendor)) on \(bench.device): \(error)
              """)
          }
        }
      }
    }
  }
}

extension KernelBench {
  /// The classes whose kernels suit the device: those of CPUs where a work-item has vectors, and where
  /// Oclgrind watches, which runs all.
  var classes: [DeviceTraits.Class] {
    DeviceTraits(device).deviceClass == .cpu || isWatched ? [.gpu, .cpu] : [.gpu]
  }

  /// The device as one of each class. The first is also taken for a CPU with other registers than it
  /// has, and for another vendor's: each costs a program more for every case where it makes a
  /// difference.
  fileprivate var traits: [DeviceTraits] {
    let own = classes.map {
      var traits = DeviceTraits(device)
      traits.deviceClass = $0
      return traits
    }
    guard self === Self.all.first, !isWatched, let cpu = own.first(where: { $0.deviceClass == .cpu })
    else { return own }
    var (othersRegisters, othersVendor) = (cpu, cpu)
    othersRegisters.registerFloats = cpu.registerFloats == 512 ? 128 : 512
    othersVendor.vendor = cpu.vendor.contains("Intel") ? "AuthenticAMD" : "GenuineIntel"
    return own + [othersRegisters, othersVendor]
  }
}

/// A plan and what else its programs depend on: equal ones, of two classes or vendors, compute the
/// same on one device.
private struct CompiledPlan: Hashable {
  let plan: KernelPlan
  /// If a kernel's text asks how many registers there are.
  let registerFloats: Int?

  init(_ plan: KernelPlan, _ traits: DeviceTraits) throws {
    self.plan = plan
    let asks = try (plan.launches + plan.prepared.values.map(\.launch)).contains {
      try KernelLibrary.source(named: $0.kernel, after: "").contains("REGISTER_FLOATS")
    }
    let told = traits.deviceClass == .cpu ? traits.registerFloats : DeviceTraits.maxRegisterFloats
    registerFloats = asks ? told : nil
  }
}

extension KernelVariant {
  /// Whether it would take the case on a GPU, too.
  fileprivate func isForGPUs(_ context: KernelContext) -> Bool {
    var traits = context.device
    traits.deviceClass = .gpu
    return accepts(KernelContext(inputs: context.inputs, output: context.output, device: traits))
  }
}

extension TensorType {
  fileprivate func stored(asHalves: Bool) -> TensorType {
    asHalves && scalar == .float32 ? TensorType(shape, .float16) : self
  }
}

extension HostTensor<Double> {
  /// As a device that stores halves sees it.
  fileprivate var roundedToHalf: HostTensor<Double> {
    HostTensor(shape: shape, values.map { Double(Float16($0)) })
  }
}
