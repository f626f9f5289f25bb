/// The scores of one attention on the host: what the references of ``Attention`` and its gradients
/// share. A query or key is named by its row in [B,T,H,D] or [B,U,H,D].
struct AttentionScores<S: HostScalar> {
  let extents: AttentionExtents
  private let queries: UnsafePointer<S>
  private let keys: UnsafePointer<S>
  private let scale: S
  private let causal: Bool

  /// - Parameter inputs: those of `op`; they must outlive the scores.
  init(_ op: some AttentionOp, _ inputs: [HostTensor<S>]) {
    extents = AttentionExtents(inputs[0].shape, inputs[1].shape)
    queries = UnsafePointer(inputs[0].pointer)
    keys = UnsafePointer(inputs[1].pointer)
    scale = S(op.scale)
    causal = op.causal
  }

  @inline(__always)
  func score(_ query: Int, _ key: Int) -> S {
    let depth = extents.depth
    return scale * dot(queries + query * depth, keys + key * depth, depth)
  }

  /// e^(s − logSum), given the logSum of every query.
  @inline(__always)
  func probability(_ query: Int, _ key: Int, logSum: HostTensor<S>) -> S {
    S.exp(score(query, key) - logSum[query])
  }

  /// The keys that `query` sees.
  func keys(seenBy query: Int) -> StrideTo<Int> {
    let position = query / extents.heads % extents.queries
    let visible = causal ? min(position + 1, extents.keys) : extents.keys
    return rows(0..<visible, of: extents.keys, beside: query, of: extents.queries)
  }

  /// The queries that see `key`.
  func queries(seeing key: Int) -> StrideTo<Int> {
    let position = key / extents.heads % extents.keys
    let earliest = causal ? min(position, extents.queries) : 0
    return rows(earliest..<extents.queries, of: extents.queries, beside: key, of: extents.keys)
  }

  /// Rows of [B,`extent`,H,·] at `positions` of the sample and head that `row` of
  /// [B,`rowExtent`,H,·] belongs to.
  private func rows(
    _ positions: Range<Int>, of extent: Int, beside row: Int, of rowExtent: Int
  ) -> StrideTo<Int> {
    let heads = extents.heads
    let first = row / (rowExtent * heads) * extent * heads + row % heads
    return stride(
      from: first + positions.lowerBound * heads, to: first + positions.upperBound * heads,
      by: heads)
  }

  /// Hands `body` every query in `rows` with e^(s − largest) for each key that it sees, their
  /// total, and the largest score s.
  @inline(__always)
  func forEachQuery(
    in rows: Range<Int>,
    _ body: (
      _ query: Int, _ exponentials: UnsafeMutableBufferPointer<S>, _ total: S, _ largest: S
    ) -> Void
  ) {
    let buffer = UnsafeMutableBufferPointer<S>.allocate(capacity: extents.keys)
    buffer.initialize(repeating: 0)
    defer { buffer.deallocate() }
    for query in rows {
      var count = 0
      var largest = -S.infinity
      for key in keys(seenBy: query) {
        buffer[count] = score(query, key)
        largest = S.maximum(largest, buffer[count])
        count += 1
      }
      let exponentials = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
      var total: S = 0
      for index in exponentials.indices {
        exponentials[index] = S.exp(exponentials[index] - largest)
        total += exponentials[index]
      }
      body(query, exponentials, total, largest)
    }
  }

  /// Row `target` of `output`: Σ over `rows` of `factor`(row) times that row of `vectors`.
  @inline(__always)
  func sum(
    _ vectors: HostTensor<S>, over rows: StrideTo<Int>, into output: HostTensor<S>,
    at target: Int, _ factor: (Int) -> S
  ) {
    let depth = extents.depth
    let sum = output.pointer + target * depth
    sum.update(repeating: 0, count: depth)
    for row in rows { accumulate(sum, factor(row), vectors.pointer + row * depth, depth) }
  }
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
