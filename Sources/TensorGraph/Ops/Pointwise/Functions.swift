/// eˣ.
package struct Exponential: PointwiseOp {
  package var name: String { "exp" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "exp(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.exp($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * output]
  }
}

/// Natural logarithm.
package struct Logarithm: PointwiseOp {
  package var name: String { "log" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "log(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.log($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient / inputs[0]]
  }
}

package struct SquareRoot: PointwiseOp {
  package var name: String { "sqrt" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "sqrt(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.sqrt($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [0.5 * gradient / output]
  }
}

/// Inverse sine, in radians.
package struct ArcSine: PointwiseOp {
  package var name: String { "asin" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "asin(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.asin($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient / (1 - inputs[0] * inputs[0]).squareRoot()]
  }
}

/// Sine of an angle in radians.
package struct Sine: PointwiseOp {
  package var name: String { "sin" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "sin(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.sin($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * inputs[0].cosine()]
  }
}

/// Cosine of an angle in radians.
package struct Cosine: PointwiseOp {
  package var name: String { "cos" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "cos(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.cos($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [-(gradient * inputs[0].sine())]
  }
}

/// 1 / (1 + e⁻ˣ).
package struct Sigmoid: PointwiseOp {
  package var name: String { "sigmoid" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "1.0f / (1.0f + exp(-\(x[0])))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { 1 / (1 + S.exp(-$0)) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * output * (1 - output)]
  }
}

/// Error function, of which exact GELU is made.
package struct ErrorFunction: PointwiseOp {
  package var name: String { "erf" }
  package var operandCount: Int { 1 }
  package func expression(_ x: [String]) -> String { "erf(\(x[0]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.erf($0) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let slope = Float(2 / Double.pi.squareRoot())
    return [gradient * slope * (-(inputs[0] * inputs[0])).exponential()]
  }
}

/// xʸ for x > 0; the exponent has no gradient.
package struct Power: PointwiseOp {
  package var name: String { "pow" }
  package var operandCount: Int { 2 }
  package func expression(_ x: [String]) -> String { "pow(\(x[0]), \(x[1]))" }
  package func apply<S: HostScalar>(
    _ x: [UnsafePointer<S>], into output: UnsafeMutablePointer<S>, count: Int
  ) {
    map(x, output, count) { S.pow($0, $1) }
  }
  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    [gradient * inputs[1] * output / inputs[0], nil]
  }
}
