/// The three gradients of ``Attention``, in one pass over the scores: with respect to the queries,
/// then the keys, then the values, one after the other as [(T + 2·U)·B·H·D].
///
/// With p = e^(s − logSum) and slope = scale·p·(g·v − mean) for each query and key, they are
/// Σ slope·k over the keys, Σ slope·q and Σ p·g over the queries. Inputs are q, k, v, the gradient g
/// of the output, logSum and the mean gradient of the probabilities, both [B,T,H].
package struct AttentionGradient: AttentionOp, FirstOrderOnly {
  package let scale: Float
  package let causal: Bool

  package var name: String { "attention_grad" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: 6)
    let extents = try AttentionExtents(queries: inputs[0], keys: inputs[1])
    let fits = inputs[2].shape == inputs[1].shape && inputs[3].shape == inputs[0].shape
      && inputs[4].shape == extents.rowShape && inputs[5].shape == extents.rowShape
    try require(fits, "\(inputs) are not q, k, v, gradient, logSum and mean of one attention")
    return TensorType([inputs[0].elementCount + 2 * inputs[1].elementCount])
  }

  package var rowInputCount: Int { 4 }
  package var products: Int { 5 }

  /// Rows of the depth: queries, keys, values.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.elementCount / inputs[0].shape[3]
  }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    let scores = AttentionScores(self, inputs)
    let (q, k, v, g, logSum, mean) =
      (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5])
    let e = scores.extents
    let queryRows = e.batch * e.queries * e.heads
    let keyRows = e.batch * e.keys * e.heads
    func slope(_ query: Int, _ key: Int) -> S {
      let product = dot(g.pointer + query * e.depth, v.pointer + key * e.depth, e.depth)
      return S(scale) * scores.probability(query, key, logSum: logSum) * (product - mean[query])
    }
    for row in units {
      if row < queryRows {
        scores.sum(k, over: scores.keys(seenBy: row), into: output, at: row) { slope(row, $0) }
      } else if row < queryRows + keyRows {
        let key = row - queryRows
        scores.sum(q, over: scores.queries(seeing: key), into: output, at: row) { slope($0, key) }
      } else {
        let key = row - queryRows - keyRows
        scores.sum(g, over: scores.queries(seeing: key), into: output, at: row) {
          scores.probability($0, key, logSum: logSum)
        }
      }
    }
  }

  package var variants: [KernelVariant] { [rows, tiled] }

  /// Shares of the keys of one sample and head that are computed at once, where each has a sum of
  /// its own for all queries: as many as `units` cores need, and what memory allows.
  package static func shares(_ e: AttentionExtents, blocks: Int, units: Int) -> Int {
    min(blocks, (units - 1) / (e.batch * e.heads) + 1, 16)
  }
}

// MARK: - Kernels

extension AttentionGradient {
  /// Five products in one kernel, for CPUs and depths that are whole vectors.
  ///
  /// A work-item takes blocks of keys and meets all queries with each. What it adds to the queries'
  /// gradient lies in scratch, and is summed by a second kernel; where one block has all keys, there
  /// is nothing to sum.
  private var rows: KernelVariant {
    let (scale, causal) = (scale, causal)
    return KernelVariant(
      "attention_grad_rows", storage: storage(fp16Output: true), accepts: AttentionBlock.accepts
    ) { _ in
      [1, 2, 4, 8].map { ["TILES": $0] }
    } plan: { context in
      let e = AttentionExtents(context.inputs[0].shape, context.inputs[1].shape)
      func tiles(_ rows: Int) -> Int {
        context.settings["TILES"] ?? max(1, min(8, Self.rowFloats / (rows * e.depth)))
      }
      // Of eight rows, blocks of 64 queries are whole tiles.
      let isOneBlock = e.keys <= AttentionBlock.mostRows * tiles(AttentionBlock.mostRows)
      let rows = isOneBlock ? AttentionBlock.mostRows : 8
      let block = AttentionBlock(
        e, rows: e.keys, mostRows: rows, most: tiles(rows), isChosen: !context.settings.isEmpty,
        units: context.device.computeUnits)
      let shares = Self.shares(e, blocks: block.count, units: context.device.computeUnits)
      let (queryCount, keyCount) = (context.inputs[0].elementCount, context.inputs[1].elementCount)
      // Where one block has all keys, it has what the statistics are made of, too.
      let isDirect = block.count == 1
      var launches = [
        KernelLaunch(
          "attention_grad_rows",
          defines: ["DEPTH": e.depth, "DIRECT": isDirect ? 1 : 0].merging(block.defines) { $1 },
          arguments: (0..<(isDirect ? 4 : 6)).map { .input($0) } + [.output]
            + (isDirect ? [] : [.scratch(0)]) + [
              .int(e.heads), .int(e.queries), .int(e.keys), .float(scale), .int(causal ? 1 : 0),
              .int(shares), .uint(UInt32(queryCount)), .uint(UInt32(queryCount + keyCount)),
            ],
          global: [e.batch * e.heads * shares], local: [1])
      ]
      if !isDirect {
        launches.append(
          KernelLaunch(
            "attention_grad_rows_combine", defines: ["DEPTH": e.depth],
            arguments: [
              .scratch(0), .output, .int(e.heads), .int(e.queries), .float(scale), .int(shares),
            ],
            global: [e.batch * e.queries * e.heads], local: [1]))
      }
      return KernelPlan(launches, scratch: isDirect ? [] : [4 * shares * queryCount])
    }
  }

  /// Floats of a work-item's rows of keys, and of each of the three kinds beside them: half a
  /// megabyte in all.
  private static var rowFloats: Int { 32_768 }

  /// A kernel each, for every device and depth: eight products.
  private var tiled: KernelVariant {
    KernelVariant(
      "attention_grad_tiled", storage: storage(fp16Output: true), accepts: Self.acceptsTiles,
      candidates: { _ in Self.tileCandidates }
    ) { context in
      let e = AttentionExtents(context.inputs[0].shape, context.inputs[1].shape)
      let (queryCount, keyCount) = (context.inputs[0].elementCount, context.inputs[1].elementCount)
      let all = (0..<6).map { KernelArgument.input($0) }
      func launch(_ kernel: String, _ inputs: [KernelArgument], rows: Int, start: Int)
        -> KernelLaunch
      {
        tileLaunch(kernel, context, inputs, rows: rows, more: [.uint(UInt32(start))])
      }
      return KernelPlan(
        [
          launch("attention_grad_query_tiled", all, rows: e.queries, start: 0),
          launch("attention_grad_key_tiled", all, rows: e.keys, start: queryCount),
          launch(
            "attention_grad_value_tiled", [all[0], all[1], all[3], all[4]], rows: e.keys,
            start: queryCount + keyCount),
        ], flops: 8 * e.productFlops)
    }
  }
}
