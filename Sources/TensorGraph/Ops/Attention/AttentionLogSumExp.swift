/// log Σ eˢ over the keys each query sees, as [B,T,H]: what turns a score into its probability.
///
/// Inputs are queries and keys. Recomputed in the backward pass.
package struct AttentionLogSumExp: AttentionOp, FirstOrderOnly {
  package let scale: Float
  package let causal: Bool

  package init(scale: Float, causal: Bool) {
    self.scale = scale
    self.causal = causal
  }

  package var name: String { "attention_log_sum_exp" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    return TensorType(try AttentionExtents(queries: inputs[0], keys: inputs[1]).rowShape)
  }

  package var rowInputCount: Int { 2 }
  package var products: Int { 1 }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    AttentionScores(self, inputs).forEachQuery(in: units) { query, _, total, largest in
      output[query] = largest + S.log(total)
    }
  }

  package var variants: [KernelVariant] {
    variants(
      rows: "attention_log_sum_exp_rows", tiled: "attention_log_sum_exp_tiled", fp16Output: false)
  }
}
