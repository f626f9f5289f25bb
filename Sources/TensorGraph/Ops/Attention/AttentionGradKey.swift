/// Gradient of ``Attention`` with respect to the keys: Σ over queries of
/// scale·p·(g·v − mean)·q, with p = e^(s − logSum).
///
/// Inputs are those of ``AttentionScoreGradient``.
package struct AttentionGradKey: AttentionScoreGradient {
  package let scale: Float
  package let causal: Bool

  package var name: String { "attention_grad_key" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try requireOperands(inputs)
    return inputs[1]
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let scores = AttentionScores(self, inputs)
    for key in units {
      scores.sum(inputs[0], over: scores.queries(seeing: key), into: output, at: key) { query in
        slope(scores, query, key, inputs)
      }
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_grad_key_rows", tiled: "attention_grad_key_tiled")
  }
}
