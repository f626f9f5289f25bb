extension VQGANConfiguration {
  /// The generator of factor 16 with 16384 codes that was trained on ImageNet.
  package static let f16 = VQGANConfiguration(
    quantizer: .nearestCode, codeChannels: 256, codeCount: 16384, inputChannels: 3,
    outputChannels: 3, baseChannels: 128, channelMultipliers: [1, 1, 2, 2, 4],
    blocksPerResolution: 2, attentionResolutions: [16], resolution: 256, latentChannels: 256,
    hasDoubleLatent: false, resamplesWithConvolution: true, normalizationGroups: 32)
}
