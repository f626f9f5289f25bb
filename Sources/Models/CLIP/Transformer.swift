import TensorGraph

/// Attention over the tokens of a sequence, then a two-layer perceptron, each after normalisation
/// and around which its input is added.
struct TransformerBlock {
  private let norm1: LayerNorm
  private let inProjection: Linear
  private let outProjection: Linear
  private let norm2: LayerNorm
  private let expand: Linear
  private let contract: Linear
  private let heads: Int
  private let activation: Activation
  private let isCausal: Bool

  init(_ weights: ModelWeights, _ c: TransformerConfiguration, isCausal: Bool) throws {
    let width = c.width
    norm1 = try LayerNorm(weights["ln_1"], width: width)
    inProjection = try Linear(
      weights["attn"], from: width, to: 3 * width, weight: "in_proj_weight", bias: "in_proj_bias")
    outProjection = try Linear(weights["attn"]["out_proj"], from: width, to: width)
    norm2 = try LayerNorm(weights["ln_2"], width: width)
    expand = try Linear(weights["mlp"]["c_fc"], from: width, to: c.hiddenWidth)
    contract = try Linear(weights["mlp"]["c_proj"], from: c.hiddenWidth, to: width)
    heads = c.heads
    activation = c.activation
    self.isCausal = isCausal
  }

  func callAsFunction(_ x: Tensor) -> Tensor {  // [B,T,width]
    let attended = x + outProjection(attention(inProjection(norm1(x))))
    return attended + contract(activation(expand(norm2(attended))))
  }

  private func attention(_ projected: Tensor) -> Tensor {  // [B,T,3·width]
    let (b, t, width) = (projected.shape[0], projected.shape[1], projected.shape[2] / 3)
    let parts = (0..<3).map {
      projected.sliced(axis: 2, $0 * width..<($0 + 1) * width)
        .reshaped([b, t, heads, width / heads])
    }
    return parts[0].attention(
      keys: parts[1], values: parts[2], scale: 1 / Float(width / heads).squareRoot(),
      causal: isCausal
    ).reshaped([b, t, width])
  }
}

/// Blocks in sequence.
struct Transformer {
  private let blocks: [TransformerBlock]

  init(_ weights: ModelWeights, _ c: TransformerConfiguration, isCausal: Bool) throws {
    blocks = try (0..<c.layers).map {
      try TransformerBlock(weights["resblocks"][$0], c, isCausal: isCausal)
    }
  }

  func callAsFunction(_ x: Tensor) -> Tensor { blocks.reduce(x) { $1($0) } }
}

extension Activation {
  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .quickGELU: x.quickGELU()
    case .gelu: x.gelu()
    }
  }
}
