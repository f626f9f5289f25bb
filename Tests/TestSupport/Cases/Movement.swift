import TensorGraph

extension OpCase {
  package static let movement: [OpCase] = [
    OpCase("permute", [[2, 3, 4]]) { $0[0].permuted([2, 0, 1]) },
    OpCase("slice", [[2, 5, 3]]) { $0[0].sliced(axis: 1, 1..<4) },
    OpCase("flip", [[3, 4]]) { $0[0].flipped(axis: 0) },
    OpCase("pad", [[2, 3, 2]]) { $0[0].padded(axis: 1, before: 2, after: 1) },
    OpCase("concatenate", [[2, 3], [2, 2]]) { $0[0].concatenated(with: $0[1], axis: 1) },
    OpCase("upsample", [[1, 2, 3, 2]]) { $0[0].upsampledNearest(2) },
  ]

  /// Parts that other ops read where they lie, and one that they cannot: for execution alone, as
  /// finite differences would take long.
  package static let views: [OpCase] = [
    OpCase("slices as views", [[4, 32, 64]]) { inputs in
      let h = inputs[0].softmax()
      let parts = (1..<4).map { h.sliced(axis: 0, $0..<$0 + 1).reshaped([32, 64]) }
      let product = parts[0].matmul(parts[1], transposeB: true)
      let unaligned = h.reshaped([128, 64]).sliced(axis: 0, 33..<65).softmax()
      return product.matmul(parts[2] + unaligned) + parts[1].exponential()
    }
  ]
}
