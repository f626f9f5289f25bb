import TensorGraph

/// Two 3×3 convolutions, each after normalisation and swish, around which the input is added.
struct ResidualBlock {
  private let scope: LayerScope
  private let norm1: GroupNorm
  private let conv1: Convolution
  private let norm2: GroupNorm
  private let conv2: Convolution
  private let shortcut: Convolution?

  init(_ weights: ModelWeights, from inputs: Int, to outputs: Int, groups: Int) throws {
    scope = weights.scope
    norm1 = try GroupNorm(weights["norm1"], channels: inputs, groups: groups)
    conv1 = try Convolution(weights["conv1"], from: inputs, to: outputs, kernel: 3)
    norm2 = try GroupNorm(weights["norm2"], channels: outputs, groups: groups)
    conv2 = try Convolution(weights["conv2"], from: outputs, to: outputs, kernel: 3)
    shortcut =
      if inputs == outputs { nil }
      else if weights["conv_shortcut"].contains("weight") {
        try Convolution(weights["conv_shortcut"], from: inputs, to: outputs, kernel: 3)
      } else {
        try Convolution(weights["nin_shortcut"], from: inputs, to: outputs, kernel: 1)
      }
  }

  func callAsFunction(_ x: Tensor) -> Tensor {  // [N,H,W,C]
    scope {
      let h = conv2(norm2(conv1(norm1(x).swish())).swish())  // [N,H,W,K]
      return (shortcut?(x) ?? x) + h
    }
  }
}

/// Self-attention over all positions, one head as wide as the channels.
struct AttentionBlock {
  private let scope: LayerScope
  private let norm: GroupNorm
  private let query: Convolution
  private let key: Convolution
  private let value: Convolution
  private let projection: Convolution

  init(_ weights: ModelWeights, channels: Int, groups: Int) throws {
    scope = weights.scope
    norm = try GroupNorm(weights["norm"], channels: channels, groups: groups)
    query = try Convolution(weights["q"], from: channels, to: channels, kernel: 1)
    key = try Convolution(weights["k"], from: channels, to: channels, kernel: 1)
    value = try Convolution(weights["v"], from: channels, to: channels, kernel: 1)
    projection = try Convolution(weights["proj_out"], from: channels, to: channels, kernel: 1)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {  // [N,H,W,C]
    scope {
      let h = norm(x)
      let heads = [x.shape[0], x.shape[1] * x.shape[2], 1, x.shape[3]]  // [N,HW,1,C]
      let attended = query(h).reshaped(heads).attention(
        keys: key(h).reshaped(heads), values: value(h).reshaped(heads),
        scale: 1 / Float(x.shape[3]).squareRoot())
      return x + projection(attended.reshaped(x.shape))
    }
  }
}

/// Residual, attention, residual: the middle of encoder and decoder.
struct MiddleBlock {
  private let scope: LayerScope
  private let block1: ResidualBlock
  private let attention: AttentionBlock
  private let block2: ResidualBlock

  init(_ weights: ModelWeights, channels: Int, groups: Int) throws {
    scope = weights.scope
    block1 = try ResidualBlock(weights["block_1"], from: channels, to: channels, groups: groups)
    attention = try AttentionBlock(weights["attn_1"], channels: channels, groups: groups)
    block2 = try ResidualBlock(weights["block_2"], from: channels, to: channels, groups: groups)
  }

  func callAsFunction(_ x: Tensor) -> Tensor { scope { block2(attention(block1(x))) } }
}

/// The blocks of one resolution, each followed by attention where the configuration has it.
struct ResolutionBlocks {
  private let scope: LayerScope
  private let blocks: [ResidualBlock]
  private let attentions: [AttentionBlock]

  /// - Parameter inputs: channels that enter; `outputs` leave.
  init(
    _ weights: ModelWeights, count: Int, from inputs: Int, to outputs: Int, attends: Bool,
    groups: Int
  ) throws {
    scope = weights.scope
    blocks = try (0..<count).map {
      try ResidualBlock(
        weights["block"][$0], from: $0 == 0 ? inputs : outputs, to: outputs, groups: groups)
    }
    attentions = try (0..<(attends ? count : 0)).map {
      try AttentionBlock(weights["attn"][$0], channels: outputs, groups: groups)
    }
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    scope {
      var h = x
      for (index, block) in blocks.enumerated() {
        h = block(h)
        if !attentions.isEmpty { h = attentions[index](h) }
      }
      return h
    }
  }
}
