/// A gradient of ``Attention`` that flows through its scores, to the queries or to the keys.
///
/// Inputs are q, k, v, the gradient g of the output, logSum and the mean gradient of the
/// probabilities, both [B,T,H].
package protocol AttentionScoreGradient: AttentionOp, NonDifferentiable {}

extension AttentionScoreGradient {
  package var rowInputCount: Int { 4 }
  package var products: Int { 3 }

  /// Throws unless `inputs` are q, k, v, the gradient, logSum and mean.
  func requireOperands(_ inputs: [TensorType]) throws(ShapeError) {
    try require(inputs, count: 6)
    let extents = try AttentionExtents(queries: inputs[0], keys: inputs[1])
    let fits = inputs[2].shape == inputs[1].shape && inputs[3].shape == inputs[0].shape
      && inputs[4].shape == extents.rowShape && inputs[5].shape == extents.rowShape
    try require(fits, "\(inputs) are not q, k, v, gradient, logSum and mean of one attention")
  }

  /// Gradient of q·k for row `query` and row `key`: scale·p·(g·v − mean), with p = e^(s − logSum).
  @inline(__always)
  func slope<S: HostScalar>(
    _ scores: AttentionScores<S>, _ query: Int, _ key: Int, _ inputs: [HostTensor<S>]
  ) -> S {
    let depth = scores.extents.depth
    let value = inputs[2].pointer + key * depth
    let gradient = inputs[3].pointer + query * depth
    return S(scale) * scores.probability(query, key, logSum: inputs[4])
      * (dot(gradient, value, depth) - inputs[5][query])
  }
}
