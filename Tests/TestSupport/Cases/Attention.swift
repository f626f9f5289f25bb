import TensorGraph

extension OpCase {
  package static let attention: [OpCase] = [
    attention("attention", batch: 2, queries: 3, keys: 5, heads: 2, depth: 4),
    attention("attention, causal", queries: 6, keys: 6, heads: 2, depth: 3, causal: true),
    attention("attention, causal, fewer keys", queries: 5, keys: 3, depth: 4, causal: true),
    attention("attention, causal, more keys", queries: 3, keys: 5, depth: 4, causal: true),
    // The probability of the only key is 1, so queries and keys have no gradient but rounding.
    attention("attention, one key", queries: 2, keys: 1, depth: 3, differentiable: [2]),
    attention("attention, whole vectors", queries: 9, keys: 6, heads: 2, depth: 16),
  ]

  /// Several blocks of queries and of keys: for kernels, as finite differences would take long.
  package static let attentionInBlocks: [OpCase] = [
    attention("attention, blocks", queries: 37, keys: 70, heads: 2, depth: 16),
    attention("attention, causal blocks", queries: 77, keys: 77, depth: 32, causal: true),
    attention("attention, causal, wide", queries: 34, keys: 19, depth: 144, causal: true),
    attention("attention, odd depth", queries: 33, keys: 34, depth: 41),
  ]

  /// Deep, as generators have it: many times what kernels hold of the depth at once.
  package static let largeAttention: [OpCase] = [
    // The loss is a sum of 18,000 terms that cancel.
    attention(
      "attention, depth of an image", queries: 34, keys: 5, depth: 512, tolerance: 2e-5),
  ]

  /// More keys and queries than are looked at together.
  package static let attentionOfManyKeys: [OpCase] = [
    attention("attention, many keys", queries: 75, keys: 300, heads: 2, depth: 24),
    attention("attention, many queries, causal", queries: 290, keys: 290, depth: 8, causal: true),
  ]

  /// Attention to the first keys of a cache, which has no gradient; the last input's largest element
  /// tells how many.
  package static let cachedAttention: [OpCase] = [
    cachedAttention("cached attention", batch: 2, keys: 6, heads: 2, depth: 4),
    cachedAttention("cached attention, one key", batch: 1, keys: 1, heads: 3, depth: 5),
    cachedAttention("cached attention, several blocks", batch: 2, keys: 300, heads: 2, depth: 64),
    cachedAttention("cached attention, deep", batch: 1, keys: 140, heads: 1, depth: 300),
  ]

  private static func cachedAttention(
    _ label: String, batch: Int, keys: Int, heads: Int, depth: Int
  ) -> OpCase {
    let cache = [batch, keys, heads, depth]
    return OpCase(
      label, [[batch, heads, depth], cache, cache, [1, keys]], in: [-2...2, -2...2],
      differentiable: []
    ) {
      $0[0].attention(
        cachedKeys: $0[1], values: $0[2], count: $0[3].argmax(),
        scale: 1 / Float(depth).squareRoot())
    }
  }

  private static func attention(
    _ label: String, batch: Int = 1, queries: Int, keys: Int, heads: Int = 1, depth: Int,
    causal: Bool = false, differentiable: [Int]? = nil, tolerance: Double = 5e-6
  ) -> OpCase {
    let rows = [batch, keys, heads, depth]
    return OpCase(
      label, [[batch, queries, heads, depth], rows, rows], in: [-2...2, -2...2],
      differentiable: differentiable, tolerance: tolerance
    ) {
      $0[0].attention(
        keys: $0[1], values: $0[2], scale: 1 / Float(depth).squareRoot(), causal: causal)
    }
  }
}
