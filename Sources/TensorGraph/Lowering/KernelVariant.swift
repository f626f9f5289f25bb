/// A way to compute an op on a device: data, so choosing one is tested without a device.
public struct KernelVariant: Sendable {
  /// File, entry point, tuning key and trace label in one string: `<op>_<algorithm>`.
  public let name: String
  /// Whether the kernel applies `EPILOGUE` to every value it stores.
  public let appliesEpilogue: Bool
  public let storage: Storage
  public let accepts: @Sendable (KernelContext) -> Bool
  /// Settings worth trying on a device; those that it cannot run are not among them.
  public let candidates: @Sendable (KernelContext) -> [[String: Int]]
  public let plan: @Sendable (KernelContext) -> KernelPlan

  public init(
    _ name: String, appliesEpilogue: Bool = false, storage: Storage = .fp32,
    accepts: @escaping @Sendable (KernelContext) -> Bool = { _ in true },
    candidates: @escaping @Sendable (KernelContext) -> [[String: Int]] = { _ in [] },
    plan: @escaping @Sendable (KernelContext) -> KernelPlan
  ) {
    self.name = name
    self.appliesEpilogue = appliesEpilogue
    self.storage = storage
    self.accepts = accepts
    self.candidates = candidates
    self.plan = plan
  }
}

extension KernelVariant {
  /// Operands that a kernel takes stored as fp16, besides fp32.
  public struct Storage: Hashable, Sendable {
    /// Number of leading inputs that may be fp16. Inputs of an epilogue always may.
    public var fp16Inputs: Int
    /// Whether those inputs must share one storage type.
    public var inputsMustMatch: Bool
    public var fp16Output: Bool

    public init(fp16Inputs: Int, inputsMustMatch: Bool = false, fp16Output: Bool = false) {
      self.fp16Inputs = fp16Inputs
      self.inputsMustMatch = inputsMustMatch
      self.fp16Output = fp16Output
    }

    /// Nothing but fp32.
    public static let fp32 = Storage(fp16Inputs: 0)
    /// Every operand, each by itself.
    public static let all = Storage(fp16Inputs: .max, fp16Output: true)
    /// Every operand; two inputs that must match, as in a product.
    public static let matchingInputs = Storage(
      fp16Inputs: 2, inputsMustMatch: true, fp16Output: true)
  }
}
