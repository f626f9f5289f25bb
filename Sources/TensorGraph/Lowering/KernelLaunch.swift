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
  /// Global work offset along the first dimension.
  public var offset = 0
  /// Whether its work-groups along the first dimension may be split over several launches: true of
  /// kernels that add the global work offset (`FIRST_GROUP_ID` in `common/groups.cl`).
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
  /// Whether it stores results of the op, and so applies an epilogue.
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
