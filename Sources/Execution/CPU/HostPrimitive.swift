import TensorGraph

/// An op planned for fixed shapes on the CPU path, by something faster than its reference.
package protocol HostPrimitive: AnyObject {
  /// Floats of a constant second input in the form in which runs take it; nil where they take it as
  /// it is, or it is not constant.
  var preparedCount: Int? { get }

  /// Equal for primitives that take one prepared second input, of equal inputs; nil if it is not
  /// known which others do.
  var preparedLayout: [Int64]? { get }

  /// Brings a constant second input into that form.
  func prepare(_ second: HostTensor<Float>, into prepared: HostTensor<Float>) throws

  /// Computes the op's output.
  /// - Parameter inputs: the second one prepared if ``preparedCount`` says so.
  func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) throws
}

/// Those that take their inputs as they are.
extension HostPrimitive {
  package var preparedCount: Int? { nil }
  package var preparedLayout: [Int64]? { nil }

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
  if let depthwise = DepthwiseConvolution(op, inputs: inputs, output: output) { return depthwise }
  if let columns = ColumnStatistics(op) { return columns }
  if let attention = HostAttention(op, inputs: inputs) { return attention }
  if let strassen = StrassenProduct(op, inputs: inputs) { return strassen }
  return try OneDNNPrimitive(
    op, inputs: inputs, output: output, isSecondConstant: isSecondConstant)
}

/// The constant second input of an op in the form that its primitive reads: a node of its own, so
/// that the plan knows its memory, and frees the input itself once this is computed.
///
/// Ops of other shapes may read the same form.
struct PreparedInput: NonDifferentiable {
  /// What it is prepared for, before any epilogue.
  private let op: any Op
  private let inputs: [TensorType]
  private let output: TensorType
  private let count: Int
  private let layout: [Int64]?

  /// Type of the input.
  var type: TensorType { inputs[1] }

  /// Nil if `op` takes its second input as it is.
  init?(for op: any Op, inputs: [TensorType], output: TensorType) {
    (self.op, self.inputs, self.output) = (op, inputs, output)
    // What cannot be planned says so when the program is compiled.
    let primitive = try? hostPrimitive(op, inputs: inputs, output: output, isSecondConstant: true)
    guard let primitive, let count = primitive.preparedCount else { return nil }
    self.count = count
    layout = primitive.preparedLayout
  }

  /// Prepares `input`.
  func prepare(_ input: HostTensor<Float>, into output: HostTensor<Float>) throws {
    try hostPrimitive(op, inputs: inputs, output: self.output, isSecondConstant: true)!
      .prepare(input, into: output)
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
    guard a.type == b.type, a.count == b.count, a.layout == b.layout else { return false }
    return a.layout != nil
      || AnyHashable(a.op) == AnyHashable(b.op) && a.inputs == b.inputs && a.output == b.output
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(count)
    hasher.combine(layout)
  }
}
