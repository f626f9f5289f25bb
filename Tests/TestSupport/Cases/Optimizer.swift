import TensorGraph

extension OpCase {
  package static let optimizer: [OpCase] = [
    OpCase("expm1", [[8]]) { $0[0].exponentialMinusOne() },
    OpCase("expm1, near zero", [[8]], in: [-1e-4...1e-4]) { $0[0].exponentialMinusOne() },
  ]
}
