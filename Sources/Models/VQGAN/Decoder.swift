import TensorGraph

/// Latent to picture: taming-transformers' `Decoder`.
struct Decoder {
  private let scope: LayerScope
  private let convIn: Convolution
  private let middle: MiddleBlock
  /// Lowest resolution first.
  private let levels: [ResolutionBlocks]
  /// After every level but the last, with the upsampling; empty where that has no convolution.
  private let upsamplers: [Convolution]
  private let normOut: GroupNorm
  private let convOut: Convolution

  init(_ weights: ModelWeights, _ configuration: VQGANConfiguration) throws {
    scope = weights.scope
    let c = configuration
    let lowest = c.channelMultipliers.count - 1
    let groups = c.normalizationGroups
    convIn = try Convolution(
      weights["conv_in"], from: c.latentChannels, to: c.channels(lowest), kernel: 3)
    middle = try MiddleBlock(weights["mid"], channels: c.channels(lowest), groups: groups)
    let order = (0...lowest).reversed()
    levels = try order.map { level in
      try ResolutionBlocks(
        weights["up"][level], count: c.blocksPerResolution + 1,
        from: c.channels(min(level + 1, lowest)), to: c.channels(level),
        attends: c.hasAttention(level), groups: groups)
    }
    upsamplers = try (c.resamplesWithConvolution ? order.dropLast() : []).map { level in
      try Convolution(
        weights["up"][level]["upsample"]["conv"], from: c.channels(level), to: c.channels(level),
        kernel: 3)
    }
    normOut = try GroupNorm(weights["norm_out"], channels: c.channels(0), groups: groups)
    convOut = try Convolution(
      weights["conv_out"], from: c.channels(0), to: c.outputChannels, kernel: 3)
  }

  /// [N,h,w,latent] → [N,h·f,w·f,3], about -1…1.
  func callAsFunction(_ latent: Tensor) -> Tensor {
    scope {
      var h = middle(convIn(latent))
      for (index, level) in levels.enumerated() {
        h = level(h)
        guard index < levels.count - 1 else { break }
        h = h.upsampledNearest(2)
        if !upsamplers.isEmpty { h = upsamplers[index](h) }
      }
      return convOut(normOut(h).swish())
    }
  }
}
