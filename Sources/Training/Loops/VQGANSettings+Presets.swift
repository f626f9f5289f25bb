import Models

extension VQGANSettings {
  /// Settings under a name.
  public struct Preset: Sendable {
    public let name: String
    public let summary: String
    public let settings: VQGANSettings
  }

  /// Presets, the default first.
  public static let presets: [Preset] = [
    Preset(name: "small", summary: "factor 8, 1024 codes, 4 million weights", settings: VQGANSettings()),
    Preset(name: "f16", summary: "taming-transformers' of factor 16, 256²", settings: f16),
  ]

  private static var f16: VQGANSettings {
    var settings = VQGANSettings()
    (settings.size, settings.baseChannels) = (256, 128)
    settings.channelMultipliers = [1, 1, 2, 2, 4]
    settings.blocksPerResolution = 2
    settings.attentionResolutions = [16]
    (settings.latentChannels, settings.codeChannels) = (256, 256)
    settings.normalizationGroups = 32
    return settings
  }
}
