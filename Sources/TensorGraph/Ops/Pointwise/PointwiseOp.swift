/// Where the values of each operand of a ``PointwiseOp`` lie on the host.
public typealias HostOperands<S> = UnsafePointer<UnsafePointer<S>>

/// An op whose output element depends on the same element of each input.
///
/// It is its C expression and its host loop; chains of such ops become one generated kernel.
public protocol PointwiseOp: Op {
  var operandCount: Int { get }

  /// OpenCL C for one element; the operands are names of `float` values. With names of `float16`
  /// values it must be the expression for 16 elements.
  func expression(_ operands: [String]) -> String

  /// The same for `count` elements on the host.
  func apply<S: HostScalar>(
    _ operands: HostOperands<S>, into output: UnsafeMutablePointer<S>, count: Int)

  /// ``apply`` for fp32; a requirement of its own so that it is specialised behind `any`.
  func applyBlock(
    _ operands: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int)

  /// ``apply`` for fp64.
  func applyBlock(
    _ operands: HostOperands<Double>, into output: UnsafeMutablePointer<Double>, count: Int)
}

extension PointwiseOp {
  public func applyBlock(
    _ operands: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    apply(operands, into: output, count: count)
  }

  public func applyBlock(
    _ operands: HostOperands<Double>, into output: UnsafeMutablePointer<Double>, count: Int
  ) {
    apply(operands, into: output, count: count)
  }

  public func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: operandCount)
    guard let first = inputs.first else { return TensorType([]) }
    for other in inputs.dropFirst() {
      try require(other.shape == first.shape, "\(other) does not match \(first)")
    }
    return TensorType(first.shape)
  }

  public func units(inputs: [TensorType], output: TensorType) -> Int {
    PointwiseProgram.units(output.elementCount)
  }

  public func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    PointwiseProgram(self, count: output.count).evaluate(inputs, into: output, units: units)
  }

  public func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    PointwiseProgram(self, count: output.count).evaluate(inputs, into: output, units: units)
  }

  public var variants: [KernelVariant] {
    KernelVariant.pointwise { PointwiseProgram(self, count: $0.output.elementCount) }
  }
}

/// A pointwise op of one operand: its value for a scalar is all the host needs.
package protocol UnaryOp: PointwiseOp {
  func value<S: HostScalar>(_ x: S) -> S
}

extension UnaryOp {
  package var operandCount: Int { 1 }

  package func apply<S: HostScalar>(
    _ operands: HostOperands<S>, into output: UnsafeMutablePointer<S>, count: Int
  ) {
    let x = operands[0]
    for i in 0..<count { output[i] = value(x[i]) }
  }
}

/// A pointwise op of two operands.
package protocol BinaryOp: PointwiseOp {
  func value<S: HostScalar>(_ a: S, _ b: S) -> S
}

extension BinaryOp {
  package var operandCount: Int { 2 }

  package func apply<S: HostScalar>(
    _ operands: HostOperands<S>, into output: UnsafeMutablePointer<S>, count: Int
  ) {
    let (a, b) = (operands[0], operands[1])
    for i in 0..<count { output[i] = value(a[i], b[i]) }
  }
}
