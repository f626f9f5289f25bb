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

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let extents = AttentionExtents(inputs[0].shape, inputs[1].shape)
    return Cost(flops: 2 * extents.productFlops, bytes: traffic(inputs, output))
  }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape.dropLast().reduce(1, *)
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let e = AttentionExtents(inputs[0].shape, inputs[1].shape)
    for unit in units {
      let key = inputs[1].pointer + unit * e.depth
      let first = e.firstRow(unit, of: e.keys, in: e.queries)
      let target = output.pointer + unit * e.depth
      target.update(repeating: 0, count: e.depth)
      let earliest = causal ? min(e.position(unit, of: e.keys), e.queries) : 0
      for t in earliest..<e.queries {
        let row = first + t * e.heads
        let query = inputs[0].pointer + row * e.depth
        let probability = S.exp(S(scale) * dot(query, key, e.depth) - inputs[3][row])
        accumulate(target, probability, inputs[2].pointer + row * e.depth, e.depth)
      }
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_grad_value_rows", tiled: "attention_grad_value_tiled") { $0.keys }
  }
}
