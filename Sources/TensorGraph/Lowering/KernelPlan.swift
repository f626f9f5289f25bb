/// The launches that compute one op, in order, and the scratch they share.
public struct KernelPlan: Hashable, Sendable {
  public var launches: [KernelLaunch]
  /// Bytes of each scratch buffer, live only during these launches.
  public var scratch: [Int]
  /// Inputs, by index, that the launches read packed.
  public var prepared: [Int: Preparation]
  /// Operations of the launches, where an algorithm takes another number than the op's definition.
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
  /// Most FLOPs per launch on a GPU (about 0.5 s on a small one): below driver watchdogs, which kill
  /// kernels that run for seconds.
  package static let maxLaunchFLOPs = 1 << 36

  /// The plan with its long launches in parts, each of which still has work for all of the device.
  /// - Parameter flops: operations of the whole plan; each launch is taken to have as many.
  func inParts(flops: Int, on device: DeviceTraits) -> KernelPlan {
    guard device.deviceClass == .gpu, flops > Self.maxLaunchFLOPs else { return self }
    var plan = self
    plan.launches = launches.flatMap { launch in
      let busy = launch.global[0] / launch.local[0] / (8 * device.computeUnits)
      return launch.divided(into: min(flops / Self.maxLaunchFLOPs + 1, busy))
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

  /// The plan with definitions of the storage types and of the device: `IN0`, `IN1`, ... and `OUT`
  /// for operands stored as fp16 (`common/real.cl`), `REGISTER_FLOATS` for a CPU with fewer registers
  /// than kernels assume (`common/register_block.cl`).
  package func compiled(for context: KernelContext) -> KernelPlan {
    var plan = self
    let inputs = context.inputs.map(\.scalar)
    let (device, most) = (context.device, DeviceTraits.maxRegisterFloats)
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
