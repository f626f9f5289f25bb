import TensorGraph

/// CLIP's residual network: `ModifiedResNet` in OpenAI's `model.py`.
///
/// A stem of three convolutions instead of one; averages where others stride, against aliasing;
/// attention instead of the last average. Batch normalisation is part of each convolution.
struct ModifiedResNet: ImageNetwork {
  private let scope: LayerScope
  private let stem: [Convolution]
  private let blocks: [Bottleneck]
  private let pool: AttentionPool

  init(
    _ weights: ModelWeights, _ c: ResidualNetworkConfiguration, _ clip: CLIPConfiguration
  ) throws {
    scope = weights.scope
    let widths = [3, c.width / 2, c.width / 2, c.width]
    stem = try (1...3).map {
      try Convolution(
        weights["conv\($0)"], normalizedBy: weights["bn\($0)"], from: widths[$0 - 1],
        to: widths[$0], kernel: 3, stride: $0 == 1 ? 2 : 1)
    }
    var blocks: [Bottleneck] = []
    var inputs = c.width
    for (level, count) in c.blocks.enumerated() {
      for index in 0..<count {
        let block = try Bottleneck(
          weights["layer\(level + 1)"][index], from: inputs, through: c.width << level,
          stride: level > 0 && index == 0 ? 2 : 1)
        inputs = block.outputs
        blocks.append(block)
      }
    }
    self.blocks = blocks
    pool = try AttentionPool(weights["attnpool"], c, clip)
  }

  func callAsFunction(_ pictures: Tensor) -> Tensor {
    scope {
      let h = stem.reduce(pictures) { $1($0).relu() }.averagePooled(2)  // [N,S/4,S/4,C]
      return pool(blocks.reduce(h) { $1($0) })
    }
  }
}

/// 1×1, 3×3 and 1×1 convolutions, around which the input is added; at a stride, both ways average
/// before their last convolution.
private struct Bottleneck {
  private let scope: LayerScope
  let outputs: Int
  private let conv1: Convolution
  private let conv2: Convolution
  private let conv3: Convolution
  private let shortcut: Convolution?
  private let stride: Int

  init(_ weights: ModelWeights, from inputs: Int, through width: Int, stride: Int) throws {
    scope = weights.scope
    outputs = 4 * width
    self.stride = stride
    conv1 = try Convolution(
      weights["conv1"], normalizedBy: weights["bn1"], from: inputs, to: width, kernel: 1)
    conv2 = try Convolution(
      weights["conv2"], normalizedBy: weights["bn2"], from: width, to: width, kernel: 3)
    conv3 = try Convolution(
      weights["conv3"], normalizedBy: weights["bn3"], from: width, to: outputs, kernel: 1)
    let other = weights["downsample"]
    shortcut = inputs == outputs && stride == 1
      ? nil
      : try Convolution(other["0"], normalizedBy: other["1"], from: inputs, to: outputs, kernel: 1)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {  // [N,H,W,C]
    scope {
      let h = conv3(averaged(conv2(conv1(x).relu()).relu()))
      return (h + (shortcut?(averaged(x)) ?? x)).relu()
    }
  }

  private func averaged(_ x: Tensor) -> Tensor { stride == 1 ? x : x.averagePooled(stride) }
}

/// Attention of the mean of all positions to the mean and all positions: `AttentionPool2d`.
private struct AttentionPool {
  private let scope: LayerScope
  private let positions: Tensor
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  private let heads: Int

  init(
    _ weights: ModelWeights, _ c: ResidualNetworkConfiguration, _ clip: CLIPConfiguration
  ) throws {
    scope = weights.scope
    let side = clip.imageSize / ResidualNetworkConfiguration.factor
    let width = c.outputWidth
    positions = try weights.tensor("positional_embedding", [side * side + 1, width])
    query = try Linear(weights["q_proj"], from: width, to: width)
    key = try Linear(weights["k_proj"], from: width, to: width)
    value = try Linear(weights["v_proj"], from: width, to: width)
    output = try Linear(weights["c_proj"], from: width, to: clip.embeddingWidth)
    heads = c.heads
  }

  func callAsFunction(_ x: Tensor) -> Tensor {  // [N,h,w,C]
    scope {
      let (n, width) = (x.shape[0], x.shape[3])
      let pixels = x.reshaped([n, -1, width])
      let mean = pixels.mean(axes: [1])
      let tokens = mean.concatenated(with: pixels, axis: 1) + positions  // [N,T,C]
      func split(_ y: Tensor) -> Tensor { y.reshaped([n, -1, heads, width / heads]) }
      let pooled = split(query(tokens.sliced(axis: 1, 0..<1))).attention(
        keys: split(key(tokens)), values: split(value(tokens)),
        scale: 1 / Float(width / heads).squareRoot())
      return output(pooled.reshaped([n, width]))
    }
  }
}
