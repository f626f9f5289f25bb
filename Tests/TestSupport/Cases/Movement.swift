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
}
