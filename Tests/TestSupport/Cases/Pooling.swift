import TensorGraph

extension OpCase {
  /// Extents that divide and that do not, windows that overlap, padding, growth.
  package static let pooling: [OpCase] = [
    OpCase("average, adaptive", [[2, 7, 10, 3]]) {
      $0[0].adaptiveAveragePooled(height: 4, width: 6)
    },
    OpCase("average, adaptive, larger", [[1, 3, 5, 2]]) {
      $0[0].adaptiveAveragePooled(height: 7, width: 4)
    },
    OpCase("average, adaptive to one", [[2, 5, 3, 1]]) {
      $0[0].adaptiveAveragePooled(height: 1, width: 1)
    },
    OpCase("average", [[2, 6, 4, 3]]) { $0[0].averagePooled(2) },
    OpCase("average, remainder and gaps", [[1, 7, 8, 2]]) { $0[0].averagePooled(2, stride: 3) },
    OpCase("average, padded", [[1, 7, 6, 2]]) { $0[0].averagePooled(3, stride: 2, padding: 1) },
    OpCase("average, twice differentiated", [[1, 5, 5, 2]]) {
      let pooled = $0[0].adaptiveAveragePooled(height: 3, width: 2)
      let graph = $0[0].graph
      let loss = (pooled * pooled * pooled).sum(axes: [0, 1, 2, 3]).reshaped([])
      return graph.gradients(of: loss, withRespectTo: [$0[0]])[0]
    },
    OpCase("max, adaptive", [[2, 7, 10, 3]]) { $0[0].adaptiveMaxPooled(height: 4, width: 6) },
    OpCase("max, adaptive, larger", [[1, 3, 5, 2]]) {
      $0[0].adaptiveMaxPooled(height: 7, width: 4)
    },
  ]
}
