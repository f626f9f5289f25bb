import TensorGraph

extension OpCase {
  package static let reduction: [OpCase] = [
    OpCase("sum of outer axes", [[2, 3, 4]]) { $0[0].sum(axes: [0, 2]) },
    OpCase("mean", [[2, 3]]) { $0[0].mean() },
    OpCase("max of rows", [[4, 7]]) { $0[0].max(axes: [1]) },
    OpCase("max of columns", [[4, 3, 2]]) { $0[0].max(axes: [1]) },
  ]
}
