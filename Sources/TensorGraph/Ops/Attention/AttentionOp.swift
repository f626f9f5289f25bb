/// Attention and its gradients: scores of T queries and U keys, s = scale·q·k, that are computed
/// block by block wherever they are needed and never stored.
///
/// Queries are [B,T,H,D], keys and values [B,U,H,D]. Under `causal` query t sees keys 0…t.
package protocol AttentionOp: ReferenceOp {
  var scale: Float { get }
  var causal: Bool { get }
}

/// Extents of an attention, read off its queries and keys.
package struct AttentionExtents: Hashable, Sendable {
  package let batch: Int
  package let queries: Int
  package let keys: Int
  package let heads: Int
  package let depth: Int

  /// Trusts the shapes.
  package init(_ queries: Shape, _ keys: Shape) {
    batch = queries[0]
    self.queries = queries[1]
    self.keys = keys[1]
    heads = queries[2]
    depth = queries[3]
  }

  package init(queries: TensorType, keys: TensorType) throws(ShapeError) {
    let (q, k) = (queries.shape, keys.shape)
    let fits = q.count == 4 && k.count == 4 && k[1] > 0
      && q[0] == k[0] && q[2] == k[2] && q[3] == k[3]
    try require(fits, "queries \(queries) and keys \(keys) are not [B,T,H,D] and [B,U,H,D]")
    self.init(q, k)
  }

  /// [B,T,H]: one number for each query and head.
  package var rowShape: Shape { [batch, queries, heads] }
  /// Operations of one product over all scores and the depth.
  package var productFlops: Int { 2 * batch * heads * queries * keys * depth }

  /// Row of [B,`extent`,H,·] that belongs to the same sample and head as `unit` of
  /// [B,`unitExtent`,H,·], at position 0; the next positions are `heads` rows apart.
  package func firstRow(_ unit: Int, of unitExtent: Int, in extent: Int) -> Int {
    unit / (unitExtent * heads) * extent * heads + unit % heads
  }

  /// Position of row `unit` of [B,`extent`,H,·].
  package func position(_ unit: Int, of extent: Int) -> Int { unit / heads % extent }
}

/// Σ a·b over `count` elements, in eight interleaved sums that a compiler may keep in one vector.
@inline(__always)
func dot<S: HostScalar>(_ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ count: Int) -> S {
  var s: (S, S, S, S, S, S, S, S) = (0, 0, 0, 0, 0, 0, 0, 0)
  var i = 0
  while i + 8 <= count {
    s.0 += a[i] * b[i]
    s.1 += a[i + 1] * b[i + 1]
    s.2 += a[i + 2] * b[i + 2]
    s.3 += a[i + 3] * b[i + 3]
    s.4 += a[i + 4] * b[i + 4]
    s.5 += a[i + 5] * b[i + 5]
    s.6 += a[i + 6] * b[i + 6]
    s.7 += a[i + 7] * b[i + 7]
    i += 8
  }
  var total = ((s.0 + s.4) + (s.2 + s.6)) + ((s.1 + s.5) + (s.3 + s.7))
  while i < count {
    total += a[i] * b[i]
    i += 1
  }
  return total
}

/// sum += factor·row over `count` elements.
@inline(__always)
func accumulate<S: HostScalar>(
  _ sum: UnsafeMutablePointer<S>, _ factor: S, _ row: UnsafePointer<S>, _ count: Int
) {
  for i in 0..<count { sum[i] += factor * row[i] }
}

// MARK: - Kernels

extension AttentionOp {
  /// `rows`, one work-item a block of rows, for CPUs and depths that are whole vectors; and
  /// `tiled`, one work-group a block of rows, for every device and depth.
  /// - Parameter extent: how many rows the output has for each sample and head.
  func variants(
    rows: String, tiled: String,
    extent: @escaping @Sendable (AttentionExtents) -> Int
  ) -> [KernelVariant] {
    let (scale, causal) = (scale, causal)
    @Sendable func launch(
      _ kernel: String, _ context: KernelContext, rows: Int, local: Int, defines: [String: Int]
    ) -> KernelPlan {
      let e = AttentionExtents(context.inputs[0].shape, context.inputs[1].shape)
      let blocks = (extent(e) + rows - 1) / rows
      return KernelPlan([
        KernelLaunch(
          kernel, defines: ["DEPTH": e.depth].merging(defines) { $1 },
          arguments: context.inputs.indices.map { .input($0) } + [
            .output, .int(e.heads), .int(e.queries), .int(e.keys), .float(scale),
            .int(causal ? 1 : 0),
          ],
          global: [e.batch * e.heads * blocks * local], local: [local])
      ])
    }
    return [
      KernelVariant(rows) { context in
        context.device.deviceClass == .cpu && context.inputs[0].shape[3] % 16 == 0
      } plan: { launch(rows, $0, rows: 8, local: 1, defines: ["ROWS": 8]) },
      KernelVariant(tiled) { context in
        let depth = context.inputs[0].shape[3]
        let lanes = depth <= 32 ? 32 : depth <= 64 ? 64 : 128
        return launch(tiled, context, rows: 16, local: 128, defines: ["LANES": lanes])
      },
    ]
  }
}
