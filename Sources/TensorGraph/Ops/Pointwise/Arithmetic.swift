import CHostKernels

/// The same value everywhere; a scalar until it is broadcast.
package struct Fill: PointwiseOp {
  private let bits: UInt32

  package init(value: Float) { bits = value.bitPattern }

  package var value: Float { Float(bitPattern: bits) }
  package var name: String { "fill" }
  package var operandCount: Int { 0 }

  package func expression(_ operands: [String]) -> String { openCLLiteral(value) }

  package func apply<S: HostScalar>(
    _ operands: HostOperands<S>, into output: UnsafeMutablePointer<S>, count: Int
  ) {
    output.update(repeating: S(value), count: count)
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [] }
}

package struct Add: BinaryOp {
  package var name: String { "add" }
  package func expression(_ x: [String]) -> String { "\(x[0]) + \(x[1])" }
  package func value<S: HostScalar>(_ a: S, _ b: S) -> S { a + b }
  package func applyBlock(
    _ x: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    tessera_add(x[0], x[1], output, Int64(count))
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient, gradient]
  }
}

package struct Subtract: BinaryOp {
  package var name: String { "subtract" }
  package func expression(_ x: [String]) -> String { "\(x[0]) - \(x[1])" }
  package func value<S: HostScalar>(_ a: S, _ b: S) -> S { a - b }
  package func applyBlock(
    _ x: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    tessera_subtract(x[0], x[1], output, Int64(count))
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient, -gradient]
  }
}

package struct Multiply: BinaryOp {
  package var name: String { "multiply" }
  package func expression(_ x: [String]) -> String { "\(x[0]) * \(x[1])" }
  package func value<S: HostScalar>(_ a: S, _ b: S) -> S { a * b }
  package func applyBlock(
    _ x: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    tessera_multiply(x[0], x[1], output, Int64(count))
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * inputs[1], gradient * inputs[0]]
  }
}

package struct Divide: BinaryOp {
  package var name: String { "divide" }
  package func expression(_ x: [String]) -> String { "\(x[0]) / \(x[1])" }
  package func value<S: HostScalar>(_ a: S, _ b: S) -> S { a / b }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient / inputs[1], -(gradient * output / inputs[1])]
  }
}

package struct Negate: UnaryOp {
  package var name: String { "negate" }
  package func expression(_ x: [String]) -> String { "-\(x[0])" }
  package func value<S: HostScalar>(_ x: S) -> S { -x }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [-gradient]
  }
}

/// The larger of two; the gradient goes to the first where they are equal.
package struct Maximum: BinaryOp {
  package var name: String { "maximum" }
  package func expression(_ x: [String]) -> String { "fmax(\(x[0]), \(x[1]))" }
  package func value<S: HostScalar>(_ a: S, _ b: S) -> S { S.maximum(a, b) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let first = inputs[0].greaterOrEqual(inputs[1])
    return [gradient * first, gradient * (1 - first)]
  }
}

/// The smaller of two; the gradient goes to the first where they are equal.
package struct Minimum: BinaryOp {
  package var name: String { "minimum" }
  package func expression(_ x: [String]) -> String { "fmin(\(x[0]), \(x[1]))" }
  package func value<S: HostScalar>(_ a: S, _ b: S) -> S { S.minimum(a, b) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let first = inputs[1].greaterOrEqual(inputs[0])
    return [gradient * first, gradient * (1 - first)]
  }
}

/// 1 where the first is at least the second, else 0; its gradient is zero.
package struct GreaterOrEqual: BinaryOp, NonDifferentiable {
  package var name: String { "greater_or_equal" }
  package func expression(_ x: [String]) -> String { "step(\(x[1]), \(x[0]))" }
  package func value<S: HostScalar>(_ a: S, _ b: S) -> S { a >= b ? 1 : 0 }
}
