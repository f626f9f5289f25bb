import TensorGraph

extension OpCase {
  /// Uniform numbers are equal to the bit; normal ones differ by the rounding of log, cos and sin.
  package static let random: [OpCase] = [
    OpCase("uniform", [[1]], differentiable: [], tolerance: 0) {
      let step = $0[0].graph.fill(16_777_216, [1])
      return $0[0].graph.randomUniform([7, 37], seed: .max - 5, purpose: 3, step: step)
    },
    OpCase("uniform, fewer than a block", [[1]], differentiable: [], tolerance: 0) {
      $0[0].graph.randomUniform([3], seed: 1, purpose: .max, step: $0[0].fullLike(0))
    },
    OpCase("normal", [[1]], differentiable: [], tolerance: 1e-6) {
      $0[0].graph.randomNormal([6, 171], seed: 1 << 40, purpose: 9, step: $0[0].fullLike(12))
    },
  ]
}
