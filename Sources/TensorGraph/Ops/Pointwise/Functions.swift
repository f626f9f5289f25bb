import CHostKernels
import RealModule

/// eˣ.
package struct Exponential: UnaryOp {
  package var name: String { "exp" }
  package func expression(_ x: [String]) -> String { "exp(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.vectorExponential(x) }
  package func applyBlock(
    _ x: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    tessera_exponential(x[0], output, Int64(count))
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * output]
  }
}

/// eˣ − 1, exact near zero.
package struct ExponentialMinusOne: UnaryOp {
  package var name: String { "expm1" }
  package func expression(_ x: [String]) -> String { "expm1(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.expMinusOne(x) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * (output + 1)]
  }
}

/// Natural logarithm.
package struct Logarithm: UnaryOp {
  package var name: String { "log" }
  package func expression(_ x: [String]) -> String { "log(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.log(x) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient / inputs[0]]
  }
}

package struct SquareRoot: UnaryOp {
  package var name: String { "sqrt" }
  package func expression(_ x: [String]) -> String { "sqrt(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.sqrt(x) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [0.5 * gradient / output]
  }
}

/// Inverse sine, in radians.
package struct ArcSine: UnaryOp {
  package var name: String { "asin" }
  package func expression(_ x: [String]) -> String { "asin(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.asin(x) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient / (1 - inputs[0] * inputs[0]).squareRoot()]
  }
}

/// Sine of an angle in radians.
package struct Sine: UnaryOp {
  package var name: String { "sin" }
  package func expression(_ x: [String]) -> String { "sin(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.sin(x) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * inputs[0].cosine()]
  }
}

/// Cosine of an angle in radians.
package struct Cosine: UnaryOp {
  package var name: String { "cos" }
  package func expression(_ x: [String]) -> String { "cos(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.cos(x) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [-(gradient * inputs[0].sine())]
  }
}

/// 1 / (1 + e⁻ˣ).
package struct Sigmoid: UnaryOp {
  package var name: String { "sigmoid" }
  package func expression(_ x: [String]) -> String { "1.0f / (1.0f + exp(-\(x[0])))" }
  package func value<S: HostScalar>(_ x: S) -> S { 1 / (1 + S.vectorExponential(-x)) }
  package func applyBlock(
    _ x: HostOperands<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    tessera_sigmoid(x[0], output, Int64(count))
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * output * (1 - output)]
  }
}

/// Error function, of which exact GELU is made.
package struct ErrorFunction: UnaryOp {
  package var name: String { "erf" }
  package func expression(_ x: [String]) -> String { "erf(\(x[0]))" }
  package func value<S: HostScalar>(_ x: S) -> S { S.erf(x) }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let slope = Float(2 / Double.pi.squareRoot())
    return [gradient * slope * (-(inputs[0] * inputs[0])).exponential()]
  }
}
