/// Sizes of a VQGAN, as taming-transformers writes them in the YAML beside a checkpoint.
public struct VQGANConfiguration: Hashable, Sendable {
  /// How a picture's codes are chosen.
  public enum Quantizer: Hashable, Sendable {
    /// `VQModel`: the nearest code.
    case nearestCode
    /// `GumbelVQ`: the code of the largest logit.
    case largestLogit
  }

  public var quantizer: Quantizer
  /// Channels of a code.
  public var codeChannels: Int
  /// Codes in the codebook.
  public var codeCount: Int
  public var inputChannels: Int
  public var outputChannels: Int
  /// Channels at full resolution.
  public var baseChannels: Int
  /// Channels at each resolution, full first, in multiples of `baseChannels`.
  public var channelMultipliers: [Int]
  public var blocksPerResolution: Int
  /// Resolutions with attention, in pixels of a picture of side `resolution`.
  public var attentionResolutions: [Int]
  /// Side in pixels of the pictures it was trained on.
  public var resolution: Int
  public var latentChannels: Int
  /// The encoder has a mean and a deviation for every latent channel.
  public var hasDoubleLatent: Bool
  /// Upsampling and downsampling are followed by a convolution.
  public var resamplesWithConvolution: Bool
  public var normalizationGroups: Int

  package init(
    quantizer: Quantizer, codeChannels: Int, codeCount: Int, inputChannels: Int,
    outputChannels: Int, baseChannels: Int, channelMultipliers: [Int], blocksPerResolution: Int,
    attentionResolutions: [Int], resolution: Int, latentChannels: Int, hasDoubleLatent: Bool,
    resamplesWithConvolution: Bool, normalizationGroups: Int
  ) {
    (self.quantizer, self.codeChannels, self.codeCount) = (quantizer, codeChannels, codeCount)
    (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
    (self.baseChannels, self.channelMultipliers) = (baseChannels, channelMultipliers)
    self.blocksPerResolution = blocksPerResolution
    (self.attentionResolutions, self.resolution) = (attentionResolutions, resolution)
    (self.latentChannels, self.hasDoubleLatent) = (latentChannels, hasDoubleLatent)
    self.resamplesWithConvolution = resamplesWithConvolution
    self.normalizationGroups = normalizationGroups
  }

  /// Pixels of the picture, along each side, to one code.
  public var factor: Int { 1 << (channelMultipliers.count - 1) }

  /// Channels at resolution `level`, 0 being full.
  func channels(_ level: Int) -> Int { baseChannels * channelMultipliers[level] }

  /// Whether there is attention at resolution `level`: decided by the training resolution, so that
  /// the same weights serve pictures of any size.
  func hasAttention(_ level: Int) -> Bool {
    attentionResolutions.contains(resolution >> level)
  }

}

extension VQGANConfiguration {
  /// Reads the `model` section of a taming-transformers configuration; of a model that contains a
  /// VQGAN, such as `Net2NetTransformer`, its `first_stage_config`.
  /// - Throws: ``ModelError`` naming the file and the entry that is missing or wrong.
  public init(yaml path: String) throws(ModelError) {
    let file = try ConfigurationReader(
      yaml: path, purpose: "a VQGAN needs its configuration as a .yaml of the same name beside it")
    var model = try file.section("model")
    if let outer = try? model.section("params"), outer.has("first_stage_config") {
      model = try outer.section("first_stage_config")
    }
    quantizer = try Self.quantizer(model)
    let parameters = try model.section("params")
    let network = try parameters.section("ddconfig")
    try parameters.requireKnown(Self.knownParameters)
    try network.requireKnown(Self.knownSizes)
    codeChannels = try parameters.integer("embed_dim")
    codeCount = try parameters.integer("n_embed", in: 1...(1 << 24))
    inputChannels = try network.integer("in_channels")
    outputChannels = try network.integer("out_ch")
    baseChannels = try network.integer("ch")
    channelMultipliers = try network.integers("ch_mult")
    blocksPerResolution = try network.integer("num_res_blocks")
    attentionResolutions = try network.integers("attn_resolutions")
    resolution = try network.integer("resolution", in: 1...(1 << 15))
    latentChannels = try network.integer("z_channels")
    hasDoubleLatent = try network.flag("double_z", default: true)
    resamplesWithConvolution = try network.flag("resamp_with_conv", default: true)
    normalizationGroups = try network.integer("norm_groups", default: 32)
    guard inputChannels == 3, outputChannels == 3 else {
      throw network.problem(
        "in_channels and out_ch",
        "are \(inputChannels) and \(outputChannels): only VQGANs of "
          + "colour pictures, with 3, are supported")
    }
    guard (1...8).contains(channelMultipliers.count) else {
      throw network.problem("ch_mult", "must have 1 to 8 entries")
    }
    // The encoder's first block has `ch` channels, the others ch × ch_mult.
    for channels in [baseChannels] + channelMultipliers.indices.map(channels)
    where channels % normalizationGroups != 0 {
      throw network.problem(
        "norm_groups",
        "is \(normalizationGroups), into which \(channels) channels (ch × ch_mult) do not divide")
    }
  }

  /// Settings of `params` that are read, and those that only training has.
  private static let knownParameters: Set<String> = [
    "embed_dim", "n_embed", "ddconfig", "lossconfig", "ckpt_path", "ignore_keys", "image_key",
    "colorize_nlabels", "monitor", "batch_resize_range", "scheduler_config", "lr_g_factor", "remap",
    "sane_index_shape", "use_ema", "beta", "kl_weight", "temperature_scheduler_config",
    "learning_rate", "base_learning_rate",
  ]

  /// Settings of `ddconfig` that are read, and dropout, which only training has.
  private static let knownSizes: Set<String> = [
    "in_channels", "out_ch", "ch", "ch_mult", "num_res_blocks", "attn_resolutions", "resolution",
    "z_channels", "double_z", "resamp_with_conv", "norm_groups", "dropout",
  ]

  /// The quantiser of the class that `target` names; without one, `VQModel`'s.
  private static func quantizer(_ model: ConfigurationReader) throws(ModelError) -> Quantizer {
    let target = try model.text("target", default: "VQModel")
    switch target.split(separator: ".").last {
    case "VQModel", "VQNoDiscModel", "EMAVQ", "VQModelInterface": return .nearestCode
    case "GumbelVQ": return .largestLogit
    default:
      throw model.problem(
        "target",
        "is \(target), not a VQGAN: VQModel, GumbelVQ or a model that contains one is "
          + "needed")
    }
  }
}
