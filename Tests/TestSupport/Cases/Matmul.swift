import TensorGraph

extension OpCase {
  /// So many rows that a work-item's sums do not serve all of its share.
  package static let largeMatmul: [OpCase] = [
    OpCase("matmul of more rows than a pass", [[7001, 128], [128, 64]], differentiable: []) {
      $0[0].matmul($0[1])
    }
  ]

  package static let matmul: [OpCase] = [
    OpCase("matmul", [[5, 7], [7, 3]]) { $0[0].matmul($0[1]) },
    OpCase("matmul of a transposed left", [[7, 5], [7, 3]]) {
      $0[0].matmul($0[1], transposeA: true)
    },
    OpCase("matmul of a transposed right", [[5, 7], [3, 7]]) {
      $0[0].matmul($0[1], transposeB: true)
    },
    OpCase("matmul of two transposed", [[7, 5], [3, 7]]) {
      $0[0].matmul($0[1], transposeA: true, transposeB: true)
    },
    OpCase("matmul of single elements", [[1, 1], [1, 1]]) { $0[0].matmul($0[1]) },
    OpCase("matmul over several tiles", [[37, 19], [19, 70]], differentiable: []) {
      $0[0].matmul($0[1])
    },
    OpCase("matmul over several transposed tiles", [[19, 37], [66, 19]], differentiable: []) {
      $0[0].matmul($0[1], transposeA: true, transposeB: true)
    },
    OpCase("matmul of a few rows by whole panels", [[3, 5], [5, 64]], differentiable: [0]) {
      $0[0].matmul($0[1])
    },
    // What a GPU with few compute units takes 128 × 128 results at a time for.
    OpCase("matmul over several large tiles", [[130, 9], [9, 66]], differentiable: []) {
      $0[0].matmul($0[1])
    },
    OpCase(
      "matmul of many rows", [[261, 128], [128, 64]], differentiable: [], isSizedForCPUs: true
    ) { $0[0].matmul($0[1]) },
    OpCase(
      "matmul of many rows by a transposed right", [[257, 256], [128, 256]], differentiable: [],
      isSizedForCPUs: true
    ) {
      $0[0].matmul($0[1], transposeB: true)
    },
    OpCase("matmul, batched", [[3, 4, 5], [3, 5, 2]]) { $0[0].matmul($0[1]) },
    OpCase("matmul, batched, transposed", [[3, 5, 4], [3, 2, 5]]) {
      $0[0].matmul($0[1], transposeA: true, transposeB: true)
    },
    OpCase("matmul of a batch by a matrix", [[2, 3, 4], [4, 5]]) { $0[0].matmul($0[1]) },
    OpCase("matmul of a transposed batch by a matrix", [[2, 4, 3], [4, 5]]) {
      $0[0].matmul($0[1], transposeA: true)
    },
    OpCase("matmul of a transposed batch by a transposed matrix", [[2, 4, 3], [5, 4]]) {
      $0[0].matmul($0[1], transposeA: true, transposeB: true)
    },
    OpCase("matmul of a matrix by a batch", [[3, 4], [2, 4, 5]]) { $0[0].matmul($0[1]) },
    OpCase("matmul of a transposed matrix by a transposed batch", [[4, 3], [2, 5, 4]]) {
      $0[0].matmul($0[1], transposeA: true, transposeB: true)
    },
    OpCase("matmul with two leading axes", [[2, 2, 3, 4], [2, 2, 4, 3]]) { $0[0].matmul($0[1]) },
    OpCase("linear", [[2, 3, 4], [5, 4], [5]]) { $0[0].linear(weight: $0[1], bias: $0[2]) },
    OpCase("linear, activated, with a residual", [[2, 3, 4], [37, 4], [37], [2, 3, 37]]) {
      $0[0].linear(weight: $0[1], bias: $0[2]).swish() + $0[3]
    },
  ]
}
