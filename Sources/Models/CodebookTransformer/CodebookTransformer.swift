import TensorGraph

/// Which code follows which: a transformer over a picture's codes in the order of rows, behind a
/// condition.
///
/// Esser, Rombach and Ommer, "Taming Transformers for High-Resolution Image Synthesis" (CVPR 2021);
/// `GPT` of taming-transformers' `mingpt.py`, whose names its weights have. Tokens of words are rows
/// of the same table, behind the codes.
package struct CodebookTransformer {
  package let configuration: CodebookTransformerConfiguration
  /// Embedding of every token, [tokens,width].
  private let table: Tensor
  /// [positions,width].
  private let places: Tensor
  private let blocks: [CodebookTransformerBlock]
  private let normFinal: LayerNorm
  /// [codes,width]: the head, or the codes' own embeddings where there is none.
  private let head: Tensor

  package init(_ c: CodebookTransformerConfiguration, _ weights: ModelWeights) throws {
    configuration = c
    table = try weights["tok_emb"].tensor("weight", [c.tokens, c.width])
    places = try weights.tensor("pos_emb", [1, c.positions, c.width])
      .reshaped([c.positions, c.width])
    blocks = try (0..<c.layers).map { try CodebookTransformerBlock(weights["blocks"][$0], c) }
    normFinal = try LayerNorm(weights["ln_f"], width: c.width)
    head = weights["head"].contains("weight")
      ? try weights["head"].tensor("weight", [c.codes, c.width])
      : table.sliced(axis: 0, 0..<c.codes)
  }

  /// Logits of the code that follows each token.
  /// - Parameters:
  ///   - tokens: int32 [N·T], the condition and codes after it.
  ///   - count: N.
  ///   - told: tokens whose followers are told.
  /// - Returns: [N,told,codes].
  package func logits(tokens: Tensor, count: Int, told: Range<Int>) -> Tensor {
    let length = tokens.shape[0] / count
    let embedded = table.gathered(tokens).reshaped([count, length, configuration.width])
      + places.sliced(axis: 0, 0..<length)
    let features = blocks.reduce(embedded) { $1($0) }
    return logits(features.sliced(axis: 1, told))
  }

  /// [...,width] → [...,codes].
  private func logits(_ features: Tensor) -> Tensor {
    normFinal(features).matmul(head, transposeB: true)
  }

  // MARK: - With a cache

  /// Keys and values of the tokens that were read, as variables of a graph, [N,positions,width] each.
  package struct Cache {
    let layers: [(keys: Tensor, values: Tensor)]

    /// The caches of `count` pictures; programs that share variables share them.
    package init(of c: CodebookTransformerConfiguration, count: Int, in graph: Graph) {
      layers = (0..<c.layers).map { layer in
        func variable(_ name: String) -> Tensor {
          graph.variable("cache/\(name) \(layer)", [count, c.sequenceLength, c.width], .float32, .zeros)
        }
        return (variable("keys"), variable("values"))
      }
    }
  }

  /// Reads the condition, which begins every sequence, into `cache`.
  /// - Parameters:
  ///   - tokens: int32 [N·L].
  ///   - start: int32 [1], 0.
  /// - Returns: logits of the first code, [N,codes].
  package func begin(tokens: Tensor, count: Int, start: Tensor, cache: Cache) -> Tensor {
    let length = tokens.shape[0] / count
    var x = table.gathered(tokens).reshaped([count, length, configuration.width])
      + places.sliced(axis: 0, 0..<length)
    for (block, layer) in zip(blocks, cache.layers) {
      x = block(x) { queries, keys, values, own in
        _ = layer.keys.keep(keys, at: start)
        _ = layer.values.keep(values, at: start)
        return own()
      }
    }
    return logits(x.sliced(axis: 1, length - 1..<length)).reshaped([count, -1])
  }

  /// Reads one more token of every sequence.
  /// - Parameters:
  ///   - tokens: int32 [N].
  ///   - position: int32 [1], tokens that were read before.
  ///   - seen: int32 [1], one more than that.
  /// - Returns: logits of the code that follows, [N,codes].
  package func next(tokens: Tensor, position: Tensor, seen: Tensor, cache: Cache) -> Tensor {
    let (count, c) = (tokens.shape[0], configuration)
    var x = (table.gathered(tokens) + places.gathered(position)).reshaped([count, 1, c.width])
    let depth = c.width / c.heads
    func split(_ y: Tensor) -> Tensor { y.reshaped([count, -1, c.heads, depth]) }
    for (block, layer) in zip(blocks, cache.layers) {
      x = block(x) { queries, keys, values, _ in
        queries.reshaped([count, c.heads, depth]).attention(
          cachedKeys: split(layer.keys.keep(keys, at: position)),
          values: split(layer.values.keep(values, at: position)), count: seen,
          scale: 1 / Float(depth).squareRoot()
        ).reshaped([count, 1, c.width])
      }
    }
    return logits(x).reshaped([count, -1])
  }
}

extension Tensor {
  /// Puts `rows` [N,n,width] into this variable [N,positions,width] from `start` on: its new value.
  fileprivate func keep(_ rows: Tensor, at start: Tensor) -> Tensor {
    let value = updating(axis: 1, from: start, with: rows)
    graph.update(self, to: value)
    return value
  }
}

/// Attention to the tokens before, then a two-layer perceptron, each after normalisation and around
/// which its input is added.
private struct CodebookTransformerBlock {
  private let scope: LayerScope
  private let configuration: CodebookTransformerConfiguration
  private let norm1: LayerNorm
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let projection: Linear
  private let norm2: LayerNorm
  private let expand: Linear
  private let contract: Linear

  init(_ weights: ModelWeights, _ c: CodebookTransformerConfiguration) throws {
    scope = weights.scope
    configuration = c
    norm1 = try LayerNorm(weights["ln1"], width: c.width)
    let attention = weights["attn"]
    query = try Linear(attention["query"], from: c.width, to: c.width)
    key = try Linear(attention["key"], from: c.width, to: c.width)
    value = try Linear(attention["value"], from: c.width, to: c.width)
    projection = try Linear(attention["proj"], from: c.width, to: c.width)
    norm2 = try LayerNorm(weights["ln2"], width: c.width)
    expand = try Linear(weights["mlp"][0], from: c.width, to: 4 * c.width)
    contract = try Linear(weights["mlp"][2], from: 4 * c.width, to: c.width)
  }

  /// [N,T,width] → the same.
  func callAsFunction(_ x: Tensor) -> Tensor { self(x) { $3() } }

  /// - Parameter attend: what attention gives, of queries, keys and values [N,T,width], and what it
  ///   gives among these tokens alone.
  func callAsFunction(
    _ x: Tensor,
    attend: (_ queries: Tensor, _ keys: Tensor, _ values: Tensor, _ own: () -> Tensor)
      -> Tensor
  ) -> Tensor {
    scope {
      let normalized = norm1(x)
      let (queries, keys, values) = (query(normalized), key(normalized), value(normalized))
      let attended = x
        + projection(attend(queries, keys, values, { attention(queries, keys, values) }))
      return attended + contract(expand(norm2(attended)).gelu())
    }
  }

  /// Every token sees those before it and itself; the first ones see each other.
  private func attention(_ queries: Tensor, _ keys: Tensor, _ values: Tensor) -> Tensor {
    let (length, heads, width) = (queries.shape[1], configuration.heads, configuration.width)
    func split(_ y: Tensor) -> Tensor { y.reshaped([y.shape[0], y.shape[1], heads, width / heads]) }
    func attend(_ tokens: Range<Int>, causal: Bool) -> Tensor {
      func own(_ y: Tensor) -> Tensor { split(y.sliced(axis: 1, tokens)) }
      return own(queries).attention(
        keys: own(keys), values: own(values), scale: 1 / Float(width / heads).squareRoot(),
        causal: causal
      ).reshaped([-1, tokens.count, width])
    }
    let causal = attend(0..<length, causal: true)
    let open = min(configuration.unmasked, length)
    guard open > 1 else { return causal }
    let first = attend(0..<open, causal: false)
    guard open < length else { return first }
    return first.concatenated(with: causal.sliced(axis: 1, open..<length), axis: 1)
  }
}
