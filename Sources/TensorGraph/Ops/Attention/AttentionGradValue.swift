/// Gradient of ``Attention`` with respect to the values: Σ over queries of p·g, with
/// p = e^(s − logSum).
///
/// Inputs are q, k, the gradient g of the output, and logSum [B,T,H].
package struct AttentionGradValue: AttentionOp, NonDifferentiable {
  package let scale: Float
  package let causal: Bool

  package var name: String { "attention_grad_value" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 4)
    let extents = try AttentionExtents(queries: inputs[0], keys: inputs[1])
    let fits = inputs[2].shape == inputs[0].shape && inputs[3].shape == extents.rowShape
    try require(fits, "\(inputs) are not q, k, gradient and logSum of one attention")
    return inputs[1]
  }

  package var rowInputCount: Int { 3 }
  package var products: Int { 2 }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let scores = AttentionScores(self, inputs)
    for key in units {
      scores.sum(inputs[2], over: scores.queries(seeing: key), into: output, at: key) { query in
        scores.probability(query, key, logSum: inputs[3])
      }
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_grad_value_rows", tiled: "attention_grad_value_tiled")
  }
}
