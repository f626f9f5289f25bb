/// Attention and its gradients: scores of T queries and U keys, s = scale·q·k, that are computed
/// block by block wherever they are needed and never stored.
///
/// Queries are [B,T,H,D], keys and values [B,U,H,D]; the first two inputs are queries and keys, and
/// the output has [B,T,H] or [B,U,H] rows. Under `causal` query t sees keys 0…t.
package protocol AttentionOp: ReferenceOp {
  var scale: Float { get }
  var causal: Bool { get }

  /// Inputs of rows of the depth, which come before those of statistics.
  var rowInputCount: Int { get }

  /// Products over all scores and the depth, of ``AttentionExtents/productFlops`` each.
  var products: Int { get }
}

extension AttentionOp {
  package var tuningName: String { causal ? "\(name) causal" : name }

  /// Queries, keys, values and gradients, but not the statistics [B,T,H].
  func storage(fp16Output: Bool) -> KernelVariant.Storage {
    KernelVariant.Storage(
      fp16Inputs: rowInputCount, inputsMustMatch: true, fp16Output: fp16Output)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let extents = AttentionExtents(inputs[0].shape, inputs[1].shape)
    return Cost(flops: products * extents.productFlops, bytes: traffic(inputs, output))
  }

  /// Rows of the output: one a query or key of each sample and head.
  package func units(inputs: [TensorType], output: TensorType) -> Int {
    output.shape[..<3].reduce(1, *)
  }
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
}

// MARK: - Kernels

extension AttentionOp {
  /// `rows`, one work-item a block of rows, for CPUs and depths that are whole vectors; and
  /// `tiled`, one work-group a block of rows, for every device and depth.
  func variants(rows: String, tiled: String, fp16Output: Bool = true) -> [KernelVariant] {
    let (scale, causal, storage) = (scale, causal, storage(fp16Output: fp16Output))
    return [
      KernelVariant(rows, storage: storage, accepts: AttentionBlock.accepts) { _ in
        [1, 3, 5, 8].map { ["TILES": $0] }
      } plan: { context in
        let e = AttentionExtents(context.inputs[0].shape, context.inputs[1].shape)
        let block = AttentionBlock(
          e, rows: e.queries, most: context.settings["TILES"] ?? 8,
          isChosen: !context.settings.isEmpty, units: context.device.computeUnits)
        return KernelPlan([
          KernelLaunch(
            rows, defines: ["DEPTH": e.depth].merging(block.defines) { $1 },
            arguments: context.inputs.indices.map { .input($0) } + [
              .output, .int(e.heads), .int(e.queries), .int(e.keys), .float(scale),
              .int(causal ? 1 : 0),
            ],
            global: [e.batch * e.heads * block.count], local: [1])
        ])
      },
      KernelVariant(
        tiled, storage: storage, accepts: Self.acceptsTiles,
        candidates: { _ in Self.tileCandidates }
      ) { context in
        KernelPlan([
          tileLaunch(
            tiled, context, context.inputs.indices.map { .input($0) },
            rows: context.inputs[0].shape[1])
        ])
      },
    ]
  }

  /// Work-groups of `tiled` have 128 work-items.
  static func acceptsTiles(_ context: KernelContext) -> Bool {
    context.device.maxWorkGroupSize >= 128
  }

  static var tileCandidates: [[String: Int]] { [16, 32, 64].map { ["CHUNK": $0] } }

  /// A kernel of work-groups that each compute 16 rows of the `rows` of every sample and head.
  func tileLaunch(
    _ kernel: String, _ context: KernelContext, _ inputs: [KernelArgument], rows: Int,
    more: [KernelArgument] = []
  ) -> KernelLaunch {
    let e = AttentionExtents(context.inputs[0].shape, context.inputs[1].shape)
    let local = 128
    return KernelLaunch(
      kernel,
      defines: [
        "DEPTH": e.depth, "LANES": e.depth <= 32 ? 32 : e.depth <= 64 ? 64 : 128,
        "CHUNK": context.settings["CHUNK"] ?? 32,
      ],
      arguments: inputs + [
        .output, .int(e.heads), .int(e.queries), .int(e.keys), .float(scale),
        .int(causal ? 1 : 0),
      ] + more,
      global: [e.batch * e.heads * ((rows + 15) / 16) * local], local: [local], isDivisible: true)
  }
}

/// The rows that a work-item of a CPU takes: `tiles` register blocks of `rows`, below each other.
struct AttentionBlock {
  let rows: Int
  let tiles: Int
  /// Blocks that have all rows of a sample and head.
  let count: Int
  private let vectors: Int
  /// Rows of two vectors whose sums fit in 32 registers, beside what is read.
  static let mostRows = 12

  /// Many rows, so that what they are multiplied with is read seldom, but work for every core, and
  /// if possible the same.
  /// - Parameters:
  ///   - count: rows of each sample and head.
  ///   - mostRows: rows of a register block, at most.
  ///   - most: tiles, at most.
  ///   - isChosen: whether that many are to be taken, even if some cores then have no work.
  ///   - units: cores.
  init(
    _ e: AttentionExtents, rows count: Int, mostRows: Int = mostRows, most: Int, isChosen: Bool,
    units: Int
  ) {
    var most = most
    func blocks(_ tiles: Int) -> Int { (count - 1) / (mostRows * tiles) + 1 }
    if !isChosen {
      while most > 1, e.batch * e.heads * blocks(most) < 2 * units { most -= 1 }
    }
    var blockCount = blocks(most)
    while e.batch * e.heads * blockCount % units != 0, blockCount < count { blockCount += 1 }
    let perBlock = (count + blockCount - 1) / blockCount
    tiles = (perBlock - 1) / mostRows + 1
    rows = (perBlock + tiles - 1) / tiles
    self.count = (count - 1) / (rows * tiles) + 1
    vectors = e.depth % 32 == 0 ? 2 : 1
  }

  /// Whether a device and its depth, of whole vectors, suit blocks.
  @Sendable static func accepts(_ context: KernelContext) -> Bool {
    context.device.deviceClass == .cpu && context.inputs[0].shape[3] % 16 == 0
  }

  var defines: [String: Int] { ["ROWS": rows, "TILES": tiles, "VECTORS": vectors] }
}
