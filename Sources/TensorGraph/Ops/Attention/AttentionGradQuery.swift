/// Gradient of ``Attention`` with respect to the queries: Σ over keys of
/// scale·p·(g·v − mean)·k, with p = e^(s − logSum).
///
/// Inputs are q, k, v, the gradient g of the output, logSum and the mean gradient of the
/// probabilities, both [B,T,H].
package struct AttentionGradQuery: AttentionOp, NonDifferentiable {
  package let scale: Float
  package let causal: Bool

  package var name: String { "attention_grad_query" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try requireGradientOperands(inputs)
    return inputs[0]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let extents = AttentionExtents(inputs[0].shape, inputs[1].shape)
    return Cost(flops: 3 * extents.productFlops, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape.dropLast().reduce(1, *)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let e = AttentionExtents(inputs[0].shape, inputs[1].shape)
    for unit in units {
      let query = inputs[0].pointer + unit * e.depth
      let gradient = inputs[3].pointer + unit * e.depth
      let first = e.firstRow(unit, of: e.queries, in: e.keys)
      let visible = causal ? min(e.position(unit, of: e.queries) + 1, e.keys) : e.keys
      let target = output.pointer + unit * e.depth
      target.update(repeating: 0, count: e.depth)
      for u in 0..<visible {
        let key = inputs[1].pointer + (first + u * e.heads) * e.depth
        let value = inputs[2].pointer + (first + u * e.heads) * e.depth
        let probability = S.exp(S(scale) * dot(query, key, e.depth) - inputs[4][unit])
        let slope = dot(gradient, value, e.depth) - inputs[5][unit]
        accumulate(target, S(scale) * probability * slope, key, e.depth)
      }
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_grad_query_rows", tiled: "attention_grad_query_tiled") {
      $0.queries
    }
  }
}

/// Throws unless `inputs` are q, k, v, the gradient, logSum and mean.
func requireGradientOperands(_ inputs: [TensorType]) throws(ShapeError) {
  try require(inputs, count: 6)
  let extents = try AttentionExtents(queries: inputs[0], keys: inputs[1])
  let fits = inputs[2].shape == inputs[1].shape && inputs[3].shape == inputs[0].shape
    && inputs[4].shape == extents.rowShape && inputs[5].shape == extents.rowShape
  try require(fits, "\(inputs) are not q, k, v, gradient, logSum and mean of one attention")
}
