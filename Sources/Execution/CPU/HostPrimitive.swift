import TensorGraph

/// An op planned for fixed shapes on the CPU path, by something faster than its reference.
package protocol HostPrimitive: AnyObject {
  /// Floats of a constant second input in the form in which runs take it; nil where they take it as
  /// it is, or it is not constant.
  var preparedCount: Int? { get }

  /// Brings a constant second input into that form.
  func prepare(_ second: HostTensor<Float>, into prepared: HostTensor<Float>) throws

  /// Computes the op's output.
  /// - Parameter inputs: the second one prepared if ``preparedCount`` says so.
  func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) throws
}

/// Those that take their inputs as they are.
extension HostPrimitive {
  package var preparedCount: Int? { nil }

  package func prepare(_ second: HostTensor<Float>, into prepared: HostTensor<Float>) throws {
    preconditionFailure("\(Self.self) takes its second input as it is")
  }
}

/// The best primitive there is for `op`; nil if there is none: its reference then computes it.
///
/// - Parameter isSecondConstant: whether the second input has the same value in every run.
/// - Throws: ``OneDNNError`` if there is one but it cannot be planned.
func hostPrimitive(
  _ op: any Op, inputs: [TensorType], output: TensorType, isSecondConstant: Bool
) throws -> (any HostPrimitive)? {
  let winograd = WinogradConvolution(
    op, inputs: inputs, output: output, isSecondConstant: isSecondConstant)
  if let winograd { return winograd }
  if let few = FewOutputsConvolution(op, inputs: inputs, output: output) { return few }
  if let attention = HostAttention(op, inputs: inputs) { return attention }
  if let strassen = StrassenProduct(op, inputs: inputs) { return strassen }
  return try OneDNNPrimitive(
    op, inputs: inputs, output: output, isSecondConstant: isSecondConstant)
}

/// The constant second input of an op in the form that its primitive reads: a node of its own, so
/// that the plan knows its memory, and lets the input itself go once this is computed.
struct PreparedInput: NonDifferentiable {
  /// What it is prepared for, before any epilogue.
  let op: any Op
  let inputs: [TensorType]
  let output: TensorType
  private let count: Int

  /// Nil if `op` takes its second input as it is.
  init?(for op: any Op, inputs: [TensorType], output: TensorType) {
    (self.op, self.inputs, self.output) = (op, inputs, output)
    // What cannot be planned says so when the program is compiled.
    let primitive = try? hostPrimitive(op, inputs: inputs, output: output, isSecondConstant: true)
    guard let count = primitive?.preparedCount else { return nil }
    self.count = count
  }

  /// What prepares the input, and then runs with it.
  func primitive() throws -> any HostPrimitive {
    try hostPrimitive(op, inputs: inputs, output: output, isSecondConstant: true)!
  }

  var name: String { "\(op.name)_prepare" }

  func outputType(of inputs: [TensorType]) -> TensorType { TensorType([count]) }

  func evaluate(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>) {
    preconditionFailure("\(name) is computed by its primitive")
  }

  func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    preconditionFailure("\(name) is computed by its primitive")
  }

  var variants: [KernelVariant] { [] }

  static func == (a: PreparedInput, b: PreparedInput) -> Bool {
    AnyHashable(a.op) == AnyHashable(b.op) && a.inputs == b.inputs && a.output == b.output
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(op))
    hasher.combine(inputs)
  }
}
