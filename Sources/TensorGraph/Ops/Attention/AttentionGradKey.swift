/// Gradient of ``Attention`` with respect to the keys: Σ over queries of
/// scale·p·(g·v − mean)·q, with p = e^(s − logSum).
///
/// Inputs are those of ``AttentionGradQuery``.
package struct AttentionGradKey: AttentionOp, NonDifferentiable {
  package let scale: Float
  package let causal: Bool

  package var name: String { "attention_grad_key" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try requireGradientOperands(inputs)
    return inputs[1]
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
      let key = inputs[1].pointer + unit * e.depth
      let value = inputs[2].pointer + unit * e.depth
      let first = e.firstRow(unit, of: e.keys, in: e.queries)
      let target = output.pointer + unit * e.depth
      target.update(repeating: 0, count: e.depth)
      let earliest = causal ? min(e.position(unit, of: e.keys), e.queries) : 0
      for t in earliest..<e.queries {
        let row = first + t * e.heads
        let query = inputs[0].pointer + row * e.depth
        let gradient = inputs[3].pointer + row * e.depth
        let probability = S.exp(S(scale) * dot(query, key, e.depth) - inputs[4][row])
        let slope = dot(gradient, value, e.depth) - inputs[5][row]
        accumulate(target, S(scale) * probability * slope, query, e.depth)
      }
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_grad_key_rows", tiled: "attention_grad_key_tiled") { $0.keys }
  }
}
