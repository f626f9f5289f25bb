/// log Σ eˢ over the keys each query sees, as [B,T,H]: what turns a score into its probability.
///
/// Inputs are queries and keys. Recomputed in the backward pass, where three ops share it.
package struct AttentionLogSumExp: AttentionOp, NonDifferentiable {
  package let scale: Float
  package let causal: Bool

  package var name: String { "attention_log_sum_exp" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 2)
    return TensorType(try AttentionExtents(queries: inputs[0], keys: inputs[1]).rowShape)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let extents = AttentionExtents(inputs[0].shape, inputs[1].shape)
    return Cost(flops: extents.productFlops, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int { output.elementCount }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let e = AttentionExtents(inputs[0].shape, inputs[1].shape)
    let scores = UnsafeMutablePointer<S>.allocate(capacity: e.keys)
    scores.initialize(repeating: 0, count: e.keys)
    defer { scores.deallocate() }
    for unit in units {
      let query = inputs[0].pointer + unit * e.depth
      let first = e.firstRow(unit, of: e.queries, in: e.keys)
      let visible = causal ? min(e.position(unit, of: e.queries) + 1, e.keys) : e.keys
      var largest = -S.infinity
      for u in 0..<visible {
        let key = inputs[1].pointer + (first + u * e.heads) * e.depth
        scores[u] = S(scale) * dot(query, key, e.depth)
        largest = S.maximum(largest, scores[u])
      }
      var total: S = 0
      for u in 0..<visible { total += S.exp(scores[u] - largest) }
      output[unit] = largest + S.log(total)
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_log_sum_exp_rows", tiled: "attention_log_sum_exp_tiled") {
      $0.queries
    }
  }
}
