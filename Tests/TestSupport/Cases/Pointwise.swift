import TensorGraph

extension OpCase {
  package static let pointwise: [OpCase] = [
    OpCase("add, broadcast", [[2, 3, 4], [3, 1]]) { $0[0] + $0[1] },
    OpCase("subtract", [[5], [5]]) { $0[0] - $0[1] },
    OpCase("multiply, broadcast", [[2, 3], [3]]) { $0[0] * $0[1] },
    OpCase("divide", [[6], [6]], in: [-1...1, 0.5...2]) { $0[0] / $0[1] },
    OpCase("negate", [[4]]) { -$0[0] },
    OpCase("maximum", [[16], [16]]) { $0[0].maximum($0[1]) },
    OpCase("minimum", [[16], [16]]) { $0[0].minimum($0[1]) },
    OpCase("exp", [[8]]) { $0[0].exponential() },
    OpCase("log", [[8]], in: [0.5...2]) { $0[0].logarithm() },
    OpCase("sqrt", [[8]], in: [0.5...2]) { $0[0].squareRoot() },
    OpCase("asin", [[8]], in: [-0.8...0.8]) { $0[0].arcSine() },
    OpCase("sin", [[8]]) { $0[0].sine() },
    OpCase("cos", [[8]]) { $0[0].cosine() },
    OpCase("relu", [[16]]) { $0[0].relu() },
    OpCase("swish", [[8]], in: [-4...4]) { $0[0].swish() },
    OpCase("quick gelu", [[8]], in: [-4...4]) { $0[0].quickGELU() },
    OpCase("gelu", [[8]], in: [-4...4]) { $0[0].gelu() },
    OpCase("pow", [[8], [8]], in: [0.5...2, -2...2], differentiable: [0]) { $0[0].power($0[1]) },
  ]
}
