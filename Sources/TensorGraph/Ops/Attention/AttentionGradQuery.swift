/// Gradient of ``Attention`` with respect to the queries: Σ over keys of
/// scale·p·(g·v − mean)·k, with p = e^(s − logSum).
///
/// Inputs are those of ``AttentionScoreGradient``.
package struct AttentionGradQuery: AttentionScoreGradient {
  package let scale: Float
  package let causal: Bool

  package var name: String { "attention_grad_query" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try requireOperands(inputs)
    return inputs[0]
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let scores = AttentionScores(self, inputs)
    for query in units {
      scores.sum(inputs[1], over: scores.keys(seenBy: query), into: output, at: query) { key in
        slope(scores, query, key, inputs)
      }
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_grad_query_rows", tiled: "attention_grad_query_tiled")
  }
}
