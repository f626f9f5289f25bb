/// softmax(scale·q·kᵀ)·v for every head, by streaming softmax: memory does not grow with T·U.
///
/// (Dao et al., FlashAttention, 2022; Rabe and Staats, 2021.)
package struct Attention: AttentionOp {
  package let scale: Float
  package let causal: Bool

  package init(scale: Float, causal: Bool) {
    self.scale = scale
    self.causal = causal
  }

  package var name: String { "attention" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 3)
    _ = try AttentionExtents(queries: inputs[0], keys: inputs[1])
    try require(
      inputs[2].shape == inputs[1].shape, "values \(inputs[2]) do not match keys \(inputs[1])")
    return inputs[0]
  }

  package func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    let graph = output.graph
    let (q, k, v) = (inputs[0], inputs[1], inputs[2])
    let logSum = graph.apply(AttentionLogSumExp(scale: scale, causal: causal), [q, k])
    // Σ over keys of probability times its gradient, for each query and head.
    let mean = (gradient * output).sum(axes: [3]).reshaped(logSum.shape)
    let gradients = graph.apply(
      AttentionGradient(scale: scale, causal: causal), [q, k, v, gradient, logSum, mean])
    var start = 0
    return inputs.map { input in
      defer { start += input.type.elementCount }
      return gradients.sliced(axis: 0, start..<start + input.type.elementCount)
        .reshaped(input.shape)
    }
  }

  package var rowInputCount: Int { 3 }
  package var products: Int { 2 }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let scores = AttentionScores(self, inputs)
    let depth = scores.extents.depth
    scores.forEachQuery(in: units) { query, exponentials, total, _ in
      let target = output.pointer + query * depth
      target.update(repeating: 0, count: depth)
      for (key, exponential) in zip(scores.keys(seenBy: query), exponentials) {
        accumulate(target, exponential / total, inputs[2].pointer + key * depth, depth)
      }
    }
  }

  package var variants: [KernelVariant] {
    variants(rows: "attention_rows", tiled: "attention_tiled")
  }
}

extension Tensor {
  /// Attention of these queries [B,T,H,D] to `keys` and `values` [B,U,H,D]: [B,T,H,D].
  ///
  /// softmax(scale·q·kᵀ)·v for each sample and head. 4·B·H·T·U·D operations; the T×U scores are
  /// never stored, neither here nor in the gradient.
  /// - Parameters:
  ///   - scale: factor of the scores, usually 1/√D.
  ///   - causal: whether query t sees keys 0…t only.
  public func attention(
    keys: Tensor, values: Tensor, scale: Float, causal: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      graph.apply(Attention(scale: scale, causal: causal), [self, keys, values])
    }
  }
}
