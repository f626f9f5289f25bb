import TensorGraph

/// Attention over the tokens of a sequence, then a two-layer perceptron, each after normalisation
/// and around which its input is added.
struct TransformerBlock {
  private let scope: LayerScope
  private let norm1: LayerNorm
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let outProjection: Linear
  private let norm2: LayerNorm
  private let expand: Linear
  private let contract: Linear
  private let heads: Int
  private let activation: Activation
  private let isCausal: Bool

  init(_ weights: ModelWeights, _ c: TransformerConfiguration, isCausal: Bool) throws {
    scope = weights.scope
    let width = c.width
    norm1 = try LayerNorm(weights["ln_1"], width: width)
    // One matrix in the original. Split by hand, not by a pass: three products need no slices of one
    // result, and their gradients no padding and adding (docs/architecture.md, "Passes").
    let projections = try Linear(
      weights["attn"], from: width, to: 3 * width, weight: "in_proj_weight", bias: "in_proj_bias"
    ).split(3)
    (query, key, value) = (projections[0], projections[1], projections[2])
    outProjection = try Linear(weights["attn"]["out_proj"], from: width, to: width)
    norm2 = try LayerNorm(weights["ln_2"], width: width)
    expand = try Linear(weights["mlp"]["c_fc"], from: width, to: c.hiddenWidth)
    contract = try Linear(weights["mlp"]["c_proj"], from: c.hiddenWidth, to: width)
    heads = c.heads
    activation = c.activation
    self.isCausal = isCausal
  }

  /// [B,T,width] → the same, or only of `tokens`.
  func callAsFunction(_ x: Tensor, tokens: Range<Int>? = nil) -> Tensor {
    scope {
      func own(_ y: Tensor) -> Tensor { tokens.map { y.sliced(axis: 1, $0) } ?? y }
      let normalized = norm1(x)
      let attended = own(x)
        + outProjection(attention(query(own(normalized)), key(normalized), value(normalized)))
      return attended + contract(activation(expand(norm2(attended))))
    }
  }

  private func attention(_ queries: Tensor, _ keys: Tensor, _ values: Tensor) -> Tensor {
    let width = queries.shape[2]
    func split(_ y: Tensor) -> Tensor {
      y.reshaped([y.shape[0], y.shape[1], heads, width / heads])
    }
    return split(queries).attention(
      keys: split(keys), values: split(values), scale: 1 / Float(width / heads).squareRoot(),
      causal: isCausal
    ).reshaped(queries.shape)
  }
}

/// Blocks in sequence.
struct Transformer {
  private let scope: LayerScope
  private let blocks: [TransformerBlock]

  init(_ weights: ModelWeights, _ c: TransformerConfiguration, isCausal: Bool) throws {
    scope = weights.scope
    blocks = try (0..<c.layers).map {
      try TransformerBlock(weights["resblocks"][$0], c, isCausal: isCausal)
    }
  }

  /// [B,T,width] → the same, or only of `tokens`: of those alone the last block computes queries and
  /// all after them. By hand, not by a pass (docs/architecture.md, "Passes").
  func callAsFunction(_ x: Tensor, tokens: Range<Int>? = nil) -> Tensor {
    scope {
      guard let last = blocks.last else { return tokens.map { x.sliced(axis: 1, $0) } ?? x }
      return last(blocks.dropLast().reduce(x) { $1($0) }, tokens: tokens)
    }
  }
}

extension Activation {
  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .quickGELU: x.quickGELU()
    case .gelu: x.gelu()
    }
  }
}
