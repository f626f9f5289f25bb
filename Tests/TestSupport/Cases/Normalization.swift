import TensorGraph

extension OpCase {
  package static let normalization: [OpCase] = [
    OpCase("group norm", [[2, 3, 5, 8], [8], [8]]) {
      $0[0].groupNorm(groups: 4, weight: $0[1], bias: $0[2])
    },
    OpCase("group norm, one channel a group, swish", [[1, 4, 3, 3], [3], [3]]) {
      $0[0].groupNorm(groups: 3, weight: $0[1], bias: $0[2]).swish()
    },
    OpCase("group norm, one group", [[2, 2, 3, 6], [6], [6]]) {
      $0[0].groupNorm(groups: 1, weight: $0[1], bias: $0[2])
    },
    OpCase("group norm, several chunks", [[1, 5, 17, 6], [6], [6]], differentiable: [0]) {
      $0[0].groupNorm(groups: 2, weight: $0[1], bias: $0[2])
    },
    OpCase("group norm, far from zero", [[1, 4, 5, 4], [4], [4]], in: [40...42]) {
      $0[0].groupNorm(groups: 2, weight: $0[1], bias: $0[2])
    },
    OpCase("batch norm", [[3, 2, 3, 4], [4], [4]]) {
      $0[0].batchNorm(weight: $0[1], bias: $0[2]).output
    },
    OpCase(
      "batch norm of one sample, whole vectors", [[1, 6, 7, 32], [32], [32]], differentiable: [0]
    ) {
      $0[0].batchNorm(weight: $0[1], bias: $0[2]).output
    },
    OpCase("batch norm, several chunks, far from zero", [[3, 5, 9, 3], [3], [3]], in: [40...42]) {
      $0[0].batchNorm(weight: $0[1], bias: $0[2]).output
    },
    OpCase("batch norm, its mean and variance", [[2, 3, 4, 5], [5], [5]], differentiable: [0]) {
      let result = $0[0].batchNorm(weight: $0[1], bias: $0[2], epsilon: 1e-3)
      return result.mean * $0[1] + result.variance
    },
    OpCase("layer norm", [[2, 3, 12], [12], [12]]) {
      $0[0].layerNorm(weight: $0[1], bias: $0[2])
    },
    OpCase("layer norm, odd width", [[4, 37], [37], [37]], differentiable: [0]) {
      $0[0].layerNorm(weight: $0[1], bias: $0[2])
    },
    OpCase("moments", [[2, 3, 4]]) {
      let layout = GroupLayout(samples: 2, positions: 3, groups: 2, depth: 2)
      return $0[0].graph.apply(Moments(layout: layout, epsilon: 0.5), [$0[0]])
    },
    OpCase("softmax", [[3, 7]], in: [-4...4]) { $0[0].softmax() },
    OpCase("softmax, long rows", [[2, 67]], in: [-20...20]) { $0[0].softmax() },
    OpCase("softmax of one", [[2, 1]]) { $0[0].softmax() },
  ]
}
