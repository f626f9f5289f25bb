import TensorGraph

/// Picture to latent, before quantisation: taming-transformers' `Encoder`.
struct Encoder {
  private let scope: LayerScope
  private let convIn: Convolution
  private let levels: [ResolutionBlocks]
  /// After every level but the last; nil entries average instead.
  private let downsamplers: [Convolution?]
  private let middle: MiddleBlock
  private let normOut: GroupNorm
  private let convOut: Convolution

  init(_ weights: ModelWeights, _ configuration: VQGANConfiguration) throws {
    scope = weights.scope
    let c = configuration
    let last = c.channelMultipliers.count - 1
    let groups = c.normalizationGroups
    convIn = try Convolution(
      weights["conv_in"], from: c.inputChannels, to: c.baseChannels, kernel: 3)
    levels = try (0...last).map { level in
      try ResolutionBlocks(
        weights["down"][level], count: c.blocksPerResolution,
        from: level == 0 ? c.baseChannels : c.channels(level - 1), to: c.channels(level),
        attends: c.hasAttention(level), groups: groups)
    }
    downsamplers = try (0..<last).map { level in
      guard c.resamplesWithConvolution else { return nil }
      return try Convolution(
        weights["down"][level]["downsample"]["conv"], from: c.channels(level),
        to: c.channels(level), kernel: 3, stride: 2,
        padding: Padding(top: 0, bottom: 1, left: 0, right: 1))
    }
    middle = try MiddleBlock(weights["mid"], channels: c.channels(last), groups: groups)
    normOut = try GroupNorm(weights["norm_out"], channels: c.channels(last), groups: groups)
    convOut = try Convolution(
      weights["conv_out"], from: c.channels(last),
      to: c.latentChannels * (c.hasDoubleLatent ? 2 : 1), kernel: 3)
  }

  /// [N,H,W,3] in -1…1 → [N,H/f,W/f,latent].
  func callAsFunction(_ picture: Tensor) -> Tensor {
    scope {
      var h = convIn(picture)
      for (index, level) in levels.enumerated() {
        h = level(h)
        if index < downsamplers.count { h = downsamplers[index]?(h) ?? h.averagePooled(2) }
      }
      return convOut(normOut(middle(h)).swish())
    }
  }
}
