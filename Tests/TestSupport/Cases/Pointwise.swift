import TensorGraph

extension OpCase {
  package static let pointwise: [OpCase] = [
    OpCase("add, broadcast", [[2, 3, 4], [3, 1]]) { $0[0] + $0[1] },
    OpCase("subtract", [[5], [5]]) { $0[0] - $0[1] },
    OpCase("multiply, broadcast", [[2, 3], [3]]) { $0[0] * $0[1] },
    OpCase("divide", [[6], [6]], in: [-1...1, 0.5...2]) { $0[0] / $0[1] },
    OpCase("negate", [[16]]) { -$0[0] },
    OpCase("maximum", [[32], [32]]) { $0[0].maximum($0[1]) },
    OpCase("minimum", [[32], [32]]) { $0[0].minimum($0[1]) },
    OpCase("exp", [[32]]) { $0[0].exponential() },
    OpCase("log", [[32]], in: [0.5...2]) { $0[0].logarithm() },
    OpCase("sqrt", [[32]], in: [0.5...2]) { $0[0].squareRoot() },
    OpCase("asin", [[32]], in: [-0.8...0.8]) { $0[0].arcSine() },
    OpCase("sin", [[32]]) { $0[0].sine() },
    OpCase("cos", [[32]]) { $0[0].cosine() },
    OpCase("relu", [[32]]) { $0[0].relu() },
    OpCase("swish", [[32]], in: [-4...4]) { $0[0].swish() },
    OpCase("quick gelu", [[32]], in: [-4...4]) { $0[0].quickGELU() },
    OpCase("gelu", [[32]], in: [-4...4]) { $0[0].gelu() },
    OpCase("select", [[32], [32]]) {
      $0[0].greaterOrEqual($0[0].fullLike(0)).select($0[0] * 2, $0[1])
    },
    OpCase("detach", [[32]], differentiable: []) { $0[0].detached() },
    OpCase("leaky relu", [[32]]) { $0[0].leakyReLU(slope: 0.2) },
    OpCase("absolute", [[32]]) { $0[0].absolute() },
    OpCase("floor", [[32]], in: [-4...4], differentiable: []) { $0[0].floor() },
    OpCase("is finite", [[32]], differentiable: []) { $0[0].isFinite() },
    OpCase("one value a group of four", [[3, 8, 4], [3, 8, 1]]) { $0[0] * $0[1] },
    OpCase("one value a row of whole vectors", [[3, 32], [3, 1]]) { $0[0] * $0[1] },
    OpCase("a row of whole vectors for each", [[3, 32], [32]]) { $0[0] * $0[1] },
    OpCase("rows that are no whole vectors", [[16, 3], [3]]) { $0[0] * $0[1] },
  ]
}
