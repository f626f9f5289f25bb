import TensorGraph

extension OpCase {
  package static let reduction: [OpCase] = [
    OpCase("sum of outer axes", [[2, 3, 4]]) { $0[0].sum(axes: [0, 2]) },
    OpCase("mean", [[2, 3]]) { $0[0].mean() },
    OpCase("max of rows", [[4, 7]]) { $0[0].max(axes: [1]) },
    OpCase("max of columns", [[4, 3, 2]]) { $0[0].max(axes: [1]) },
    largestIndex("largest of rows", rows: 5, columns: 7),
    largestIndex("largest of one column", rows: 3, columns: 1),
    OpCase("largest of rows, ties", [[6, 3], [12, 2]], differentiable: [1]) {
      let twice = $0[0].reshaped([6, 1, 3]).broadcast(to: [6, 2, 3]).reshaped([6, 6])
      return $0[1].gathered(twice.argmax())
    },
  ]

  /// Inputs are a matrix and a table read at its rows' largest elements.
  private static func largestIndex(_ label: String, rows: Int, columns: Int) -> OpCase {
    OpCase(label, [[rows, columns], [columns, 2]], differentiable: [1]) {
      $0[1].gathered($0[0].argmax())
    }
  }
}
