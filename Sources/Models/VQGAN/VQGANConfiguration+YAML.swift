extension VQGANConfiguration {
  /// The configuration as taming-transformers writes it beside a checkpoint, which
  /// ``init(yaml:)`` reads.
  package var yaml: String {
    let target = quantizer == .nearestCode ? "VQModel" : "GumbelVQ"
    return """
      model:
        target: taming.models.vqgan.\(target)
        params:
          embed_dim: \(codeChannels)
          n_embed: \(codeCount)
          ddconfig:
            double_z: \(hasDoubleLatent)
            z_channels: \(latentChannels)
            resolution: \(resolution)
            in_channels: \(inputChannels)
            out_ch: \(outputChannels)
            ch: \(baseChannels)
            ch_mult: \(channelMultipliers)
            num_res_blocks: \(blocksPerResolution)
            attn_resolutions: \(attentionResolutions)
            resamp_with_conv: \(resamplesWithConvolution)
            dropout: 0.0
            norm_groups: \(normalizationGroups)

      """
  }
}
