import TensorGraph

extension OpCase {
  package static let movement: [OpCase] = [
    OpCase("permute", [[2, 3, 4]]) { $0[0].permuted([2, 0, 1]) },
    OpCase("slice", [[2, 5, 3]]) { $0[0].sliced(axis: 1, 1..<4) },
    OpCase("flip", [[3, 4]]) { $0[0].flipped(axis: 0) },
    OpCase("pad", [[2, 3, 2]]) { $0[0].padded(axis: 1, before: 2, after: 1) },
    OpCase("concatenate", [[2, 3], [2, 2]]) { $0[0].concatenated(with: $0[1], axis: 1) },
    OpCase("upsample", [[1, 2, 3, 2]]) { $0[0].upsampledNearest(2) },
    update("dynamic update slice, rows", [4, 3], axis: 0, count: 1),
    update("dynamic update slice, middle axis", [2, 5, 3], axis: 1, count: 2),
    update("dynamic update slice, all of an axis", [2, 3], axis: 1, count: 3),
    // The place that the third input tells may be beyond the last one where the update fits.
    update("dynamic update slice, moved into the axis", [3, 4], axis: 1, count: 2, places: 9),
  ]

  /// Inputs are a tensor, its update, and numbers whose largest tells the place.
  private static func update(
    _ label: String, _ shape: Shape, axis: Int, count: Int, places: Int? = nil
  ) -> OpCase {
    var part = shape
    part[axis] = count
    let places = places ?? shape[axis] - count + 1
    return OpCase(label, [shape, part, [1, places]], differentiable: [0, 1]) {
      $0[0].updating(axis: axis, from: $0[2].argmax(), with: $0[1])
    }
  }

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
