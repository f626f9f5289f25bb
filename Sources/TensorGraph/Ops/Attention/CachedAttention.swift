/// Attention of one query a sample to the first keys of a cache: softmax(scale·q·kᵀ)·v over keys
/// 0..<count, for queries [B,H,D], keys and values [B,U,H,D] and an int32 `count` [1].
///
/// What a token of an autoregressive model needs of those before it, whose keys and values are kept.
/// A count outside 1...U is taken as the nearest in it. It is for inference: there is no gradient.
package struct CachedAttention: ReferenceOp, FirstOrderOnly {
  package let scale: Float

  package init(scale: Float) { self.scale = scale }

  package var name: String { "cached_attention" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 4)
    let (q, k) = (inputs[0].shape, inputs[1].shape)
    let fits = q.count == 3 && k.count == 4 && k[1] > 0 && q == [k[0], k[2], k[3]]
      && inputs[2].shape == k && inputs[3] == TensorType([1], .int32)
    try require(
      fits, "\(inputs[0]), \(inputs[1]), \(inputs[2]), \(inputs[3]) are not queries [B,H,D], keys and "
        + "values [B,U,H,D], int32[1]")
    return inputs[0]
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: 4 * inputs[1].elementCount, bytes: traffic(inputs, output))
  }

  /// One a sample and head.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[0] * output.shape[1]
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let shape = inputs[1].shape
    let (keys, heads, depth) = (shape[1], shape[2], shape[3])
    let count = min(max(Int(inputs[3][0]), 1), keys)
    let stride = heads * depth
    let scale = S(scale)
    withUnsafeTemporaryAllocation(of: S.self, capacity: count) { scores in
      for unit in units {
        let query = inputs[0].pointer + unit * depth
        let first = unit / heads * keys * stride + unit % heads * depth
        var largest = -S.infinity
        for key in 0..<count {
          let row = inputs[1].pointer + first + key * stride
          scores.initializeElement(at: key, to: scale * dot(query, row, depth))
          largest = S.maximum(largest, scores[key])
        }
        var total: S = 0
        for key in 0..<count {
          scores[key] = S.exp(scores[key] - largest)
          total += scores[key]
        }
        let target = output.pointer + unit * depth
        target.update(repeating: 0, count: depth)
        for key in 0..<count {
          let row = inputs[2].pointer + first + key * stride
          accumulate(target, scores[key] / total, row, depth)
        }
      }
    }
  }

  package var variants: [KernelVariant] {
    let scale = scale
    return [
      KernelVariant("cached_attention_rows") { context in
        let shape = context.inputs[1].shape
        let local = context.rowLocal(128)
        return KernelPlan([
          KernelLaunch(
            "cached_attention_rows",
            defines: ["LOCAL": local, "KEYS": 128, "DEPTH": shape[3]],
            arguments: [
              .input(0), .input(1), .input(2), .input(3), .output, .int(shape[1]), .int(shape[2]),
              .float(scale),
            ],
            global: [shape[0] * shape[2] * local], local: [local])
        ])
      }
    ]
  }
}

extension Tensor {
  /// Attention of these queries [B,H,D], one a sample, to the first `count` (int32 [1]) of `keys` and
  /// `values` [B,U,H,D]: [B,H,D].
  /// - Parameter scale: factor of the scores, usually 1/√D.
  public func attention(
    cachedKeys keys: Tensor, values: Tensor, count: Tensor, scale: Float,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      graph.apply(CachedAttention(scale: scale), [self, keys, values, count])
    }
  }
}
