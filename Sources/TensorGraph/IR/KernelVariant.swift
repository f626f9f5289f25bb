/// What choosing and shaping a kernel needs to know of a device; free of any OpenCL type, so that
/// selection is tested without one.
public struct DeviceTraits: Hashable, Sendable {
  /// GPUs want work-groups and local memory, CPUs one register block a work-item.
  public enum Class: String, Hashable, Sendable { case gpu, cpu }

  public var deviceClass: Class
  public var computeUnits: Int
  public var maxWorkGroupSize: Int
  public var localMemoryBytes: Int
  /// Largest single allocation in bytes: the most one arena may hold.
  public var maxAllocationBytes: Int
  /// Alignment of sub-buffers in bytes.
  public var alignment: Int
  /// Floats that the vector registers of a CPU's core hold: 512 with AVX-512, 128 with AVX2 or NEON.
  public var registerFloats: Int
  /// Who made the device, as its driver says.
  public var vendor: String

  public init(
    deviceClass: Class, computeUnits: Int, maxWorkGroupSize: Int, localMemoryBytes: Int,
    maxAllocationBytes: Int, alignment: Int, registerFloats: Int = DeviceTraits.mostRegisterFloats,
    vendor: String = ""
  ) {
    self.deviceClass = deviceClass
    self.computeUnits = computeUnits
    self.maxWorkGroupSize = maxWorkGroupSize
    self.localMemoryBytes = localMemoryBytes
    self.maxAllocationBytes = maxAllocationBytes
    self.alignment = alignment
    self.registerFloats = registerFloats
    self.vendor = vendor
  }

  /// What kernels take for granted where they are told nothing else.
  public static let mostRegisterFloats = 512
}

/// The case a kernel variant is asked about: types and device.
public struct KernelContext: Sendable {
  public let inputs: [TensorType]
  public let output: TensorType
  public let device: DeviceTraits
  /// Values of the variant's tunables; it chooses those that are missing itself.
  public var settings: [String: Int]

  public init(
    inputs: [TensorType], output: TensorType, device: DeviceTraits, settings: [String: Int] = [:]
  ) {
    self.inputs = inputs
    self.output = output
    self.device = device
    self.settings = settings
  }
}

/// One argument of a kernel, in the order of its parameters.
public enum KernelArgument: Hashable, Sendable {
  case input(Int)
  case output
  /// Scratch buffer by its index in ``KernelPlan/scratch``.
  case scratch(Int)
  case int(Int)
  case uint(UInt32)
  case float(Float)
}

/// One enqueue: a kernel, its compile-time definitions, arguments and index space.
public struct KernelLaunch: Hashable, Sendable {
  /// File and entry point.
  public var kernel: String
  /// Compile-time constants, written as `#define`s before the file.
  public var defines: [String: Int]
  /// Generated OpenCL C put before the file, after the definitions; may include from `common/`.
  public var prelude: String
  public var arguments: [KernelArgument]
  /// Global size; each axis a multiple of `local`.
  public var global: [Int]
  public var local: [Int]
  /// What the numbers of work-items begin at, along the first dimension.
  public var offset = 0
  /// Whether its work-groups along the first dimension may also run as several launches: if it takes
  /// the offset into account (`FIRST_GROUP_ID` in `common/groups.cl`).
  public var isDivisible: Bool

  /// - Parameter global: rounded up to whole work-groups; kernels check their bounds.
  public init(
    _ kernel: String, defines: [String: Int] = [:], prelude: String = "",
    arguments: [KernelArgument], global: [Int], local: [Int], isDivisible: Bool = false
  ) {
    self.isDivisible = isDivisible
    self.kernel = kernel
    self.defines = defines
    self.prelude = prelude
    self.arguments = arguments
    self.local = local
    self.global = zip(global, local).map { ($0 + $1 - 1) / $1 * $1 }
  }
}

extension KernelLaunch {
  /// Whether it stores values of the op's result, and so is one that applies an epilogue.
  var writesOutput: Bool { arguments.contains(.output) }

  /// The same work-groups as up to `count` launches after each other.
  package func divided(into count: Int) -> [KernelLaunch] {
    let groups = global[0] / local[0]
    let share = (groups - 1) / max(count, 1) + 1
    guard isDivisible, share < groups else { return [self] }
    return stride(from: 0, to: groups, by: share).map { first in
      var part = self
      part.offset = offset + first * local[0]
      part.global[0] = min(share, groups - first) * local[0]
      return part
    }
  }

  /// Before a launch whose work-items take pieces: `next` is where it counts them
  /// (`common/pieces.cl`).
  static func beginPieces(_ next: KernelArgument) -> KernelLaunch {
    KernelLaunch("pieces_begin", arguments: [next], global: [1], local: [1])
  }
}

/// The launches that compute one op, in order, and the scratch they share.
public struct KernelPlan: Hashable, Sendable {
  public var launches: [KernelLaunch]
  /// Bytes of each scratch buffer, live only during these launches.
  public var scratch: [Int]
  /// Inputs, by their index, that the launches read in a form of their own instead of as they are.
  public var prepared: [Int: Preparation]
  /// Operations that the launches do, where that is another number than the op's.
  public var flops: Int?

  public init(
    _ launches: [KernelLaunch], scratch: [Int] = [], prepared: [Int: Preparation] = [:],
    flops: Int? = nil
  ) {
    self.launches = launches
    self.scratch = scratch
    self.prepared = prepared
    self.flops = flops
  }
}

extension KernelPlan {
  /// Operations that one launch on a GPU should not exceed: half a second's work of a small one. A
  /// driver may take a kernel of many seconds for one that hangs, and no picture is shown meanwhile.
  package static let longestLaunch = 1 << 36

  /// The plan with its long launches in parts, each of which still has work for all of the device.
  /// - Parameter flops: operations of the whole plan; each launch is taken to have as many.
  func inParts(flops: Int, on device: DeviceTraits) -> KernelPlan {
    guard device.deviceClass == .gpu, flops > Self.longestLaunch else { return self }
    var plan = self
    plan.launches = launches.flatMap { launch in
      let busy = launch.global[0] / launch.local[0] / (8 * device.computeUnits)
      return launch.divided(into: min(flops / Self.longestLaunch + 1, busy))
    }
    return plan
  }

  /// Indices of the inputs that its launches read; a kernel may do without some of its op's.
  package var inputsRead: Set<Int> {
    Set(
      launches.flatMap(\.arguments).compactMap {
        if case .input(let index) = $0 { index } else { nil }
      })
  }

  /// The plan compiled for what is stored, and for the device: `IN0`, `IN1`, ... and `OUT` name what
  /// is stored as halves (`common/real.cl`), `REGISTER_FLOATS` a CPU's registers where they are few
  /// (`common/register_block.cl`).
  package func compiled(for context: KernelContext) -> KernelPlan {
    var plan = self
    let inputs = context.inputs.map(\.scalar)
    let (device, most) = (context.device, DeviceTraits.mostRegisterFloats)
    let registers = device.deviceClass == .cpu && device.registerFloats < most
      ? "#define REGISTER_FLOATS \(device.registerFloats)\n" : ""
    let types = Self.definitions(inputs, context.output.scalar)
    for index in launches.indices {
      plan.launches[index].prelude = registers + types + launches[index].prelude
    }
    for (index, preparation) in prepared {
      plan.prepared[index]!.launch.prelude =
        registers + Self.definitions([inputs[index]], preparation.type.scalar)
        + preparation.launch.prelude
    }
    return plan
  }

  private static func definitions(_ inputs: [ScalarType], _ output: ScalarType) -> String {
    let halves = inputs.indices.filter { inputs[$0] == .float16 }.map { "IN\($0)" }
      + (output == .float16 ? ["OUT"] : [])
    return halves.map { "#define \($0) half\n" }.joined()
  }
}

/// An input in the form a kernel reads best, such as panels or Winograd's transform of a weight.
///
/// The planner makes a node of it: computed once where the input is constant, which then need not
/// be kept, and in every step where it is not.
public struct Preparation: Hashable, Sendable {
  /// What computes it, as `.output`, from the tensor itself, `.input(0)`.
  public var launch: KernelLaunch
  /// What is stored.
  public var type: TensorType

  public init(_ launch: KernelLaunch, type: TensorType) {
    self.launch = launch
    self.type = type
  }
}

/// A way to compute an op on a device: data, so choosing one is tested without a device.
public struct KernelVariant: Sendable {
  /// File, entry point, tuning key and trace label in one string: `<op>_<algorithm>`.
  public let name: String
  /// Whether the kernel applies `EPILOGUE` to every value it stores.
  public let appliesEpilogue: Bool
  public let accepts: @Sendable (KernelContext) -> Bool
  /// Settings worth trying on a device; those that it cannot run are not among them.
  public let candidates: @Sendable (KernelContext) -> [[String: Int]]
  public let plan: @Sendable (KernelContext) -> KernelPlan

  public init(
    _ name: String, appliesEpilogue: Bool = false,
    accepts: @escaping @Sendable (KernelContext) -> Bool = { _ in true },
    candidates: @escaping @Sendable (KernelContext) -> [[String: Int]] = { _ in [] },
    plan: @escaping @Sendable (KernelContext) -> KernelPlan
  ) {
    self.name = name
    self.appliesEpilogue = appliesEpilogue
    self.accepts = accepts
    self.candidates = candidates
    self.plan = plan
  }
}

extension Op {
  /// The variant to compute this with, and the context to plan it in: what tuning found if the
  /// device can run it, else the first variant that accepts the types. Nil if none does.
  /// - Parameter tuning: what is asked first comes first.
  package func kernel(
    for context: KernelContext, tuning: [Tuning]
  ) -> (variant: KernelVariant, context: KernelContext)? {
    let accepting = variants.filter { $0.accepts(context) }
    let work = work(context.inputs, context.output)
    for choice in tuning.lazy.compactMap({ $0.choice(for: work) }).prefix(1) {
      guard let variant = accepting.first(where: { $0.name == choice.kernel }),
        choice.settings.isEmpty || variant.candidates(context).contains(choice.settings)
      else { break }
      var tuned = context
      tuned.settings = choice.settings
      return (variant, tuned)
    }
    return accepting.first.map { ($0, context) }
  }
}

extension KernelContext {
  /// Work-group size for kernels with one work-item an element.
  package var flatLocal: Int { min(device.maxWorkGroupSize, device.deviceClass == .gpu ? 128 : 64) }

  /// A kernel whose work-items take `RUN` each of `count` elements: on a CPU `length`, which follow
  /// each other, on a GPU one.
  func runs(
    _ kernel: String, of length: Int, count: Int, arguments: [KernelArgument]
  ) -> KernelLaunch {
    let run = device.deviceClass == .cpu ? length : 1
    return KernelLaunch(
      kernel, defines: ["RUN": run], arguments: arguments, global: [(count + run - 1) / run],
      local: [run > 1 ? 1 : flatLocal])
  }

  /// Work-group size for kernels where a work-group shares a row through local memory: a power of
  /// two no larger than the row needs. A CPU walks the row in one work-item.
  package func rowLocal(_ length: Int) -> Int {
    guard device.deviceClass == .gpu else { return 1 }
    var size = 32
    while size * 2 <= min(256, device.maxWorkGroupSize), size < length { size *= 2 }
    return size
  }
}
