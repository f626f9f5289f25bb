import Models

/// What a training of a VQGAN is to do: sizes of the model, its losses, and how it learns.
public struct VQGANSettings: Hashable, Sendable, Codable {
  /// How the codebook learns.
  public enum Codebook: String, Hashable, Sendable, Codable, CaseIterable {
    /// Running means of the vectors that chose each code; codes that nothing chooses are moved to
    /// where vectors are.
    case average
    /// By the gradient of the codebook loss, as in taming-transformers.
    case gradient
  }

  /// Side of the pictures, in pixels.
  public var size = 128
  public var baseChannels = 32
  public var channelMultipliers = [1, 2, 2, 4]
  public var blocksPerResolution = 1
  /// Resolutions with attention, in pixels of a picture of side `size`.
  public var attentionResolutions: [Int] = []
  public var latentChannels = 128
  public var codeChannels = 64
  public var codes = 1024
  /// Groups of channels that are normalised together. As many as channels would normalise each alone,
  /// and lose flat colours.
  public var normalizationGroups = 8
  /// Side of the pictures that ``attentionResolutions`` are told for; nil for ``size``.
  public var resolution: Int?

  /// Pictures of a step.
  public var batch = 8
  public var steps = 50_000
  public var seed: UInt64 = 0
  /// Highest learning rate, of both networks.
  public var rate: Float = 3e-4
  /// Steps of its rise.
  public var warmup = 200
  /// Learning rate of the last step, as a share of the highest.
  public var finalShare: Float = 0.1
  /// Coefficients of Adam's running means.
  public var beta1 = 0.5
  public var beta2 = 0.9
  /// Decay of the running mean of the weights, which is what is exported.
  public var averaging: Float = 0.999

  /// Weight of the perceptual distance beside the mean absolute difference of pixels.
  public var perceptualWeight: Float = 1
  /// Weight of the distance of the encoder's vectors to their codes.
  public var commitment: Float = 0.25
  public var codebook = Codebook.average
  /// Decay of the codebook's running means.
  public var codebookDecay: Float = 0.99
  /// Step from which on the discriminator counts; 0 leaves it out.
  public var adversarialStart = 25_000
  /// Steps before that in which only the discriminator learns from the pictures.
  public var discriminatorLead = 500
  /// Factor of the adaptive weight of the adversarial loss.
  public var adversarialWeight: Float = 0.8
  public var discriminator = PatchDiscriminatorConfiguration()
  /// Trains as taming-transformers does where the defaults differ: see ``followOriginal()``.
  public var followsOriginal = false

  public init() {}

  var schedule: LearningSchedule {
    LearningSchedule(peak: rate, warmup: warmup, steps: steps, finalShare: finalShare)
  }

  package var configuration: VQGANConfiguration {
    VQGANConfiguration(
      quantizer: .nearestCode, codeChannels: codeChannels, codeCount: codes, inputChannels: 3,
      outputChannels: 3, baseChannels: baseChannels, channelMultipliers: channelMultipliers,
      blocksPerResolution: blocksPerResolution, attentionResolutions: attentionResolutions,
      resolution: resolution ?? size, latentChannels: latentChannels, hasDoubleLatent: false,
      resamplesWithConvolution: true, normalizationGroups: normalizationGroups)
  }

  /// Takes up the sizes of a model that training is to go on with.
  package mutating func takeSizes(of c: VQGANConfiguration) {
    (baseChannels, channelMultipliers) = (c.baseChannels, c.channelMultipliers)
    (blocksPerResolution, latentChannels) = (c.blocksPerResolution, c.latentChannels)
    (codeChannels, codes) = (c.codeChannels, c.codeCount)
    attentionResolutions = c.attentionResolutions
    normalizationGroups = c.normalizationGroups
    resolution = c.resolution
  }

  /// Positions of codes in a step.
  package var positions: Int { batch * (size / configuration.factor) * (size / configuration.factor) }

  /// - Throws: ``TrainingError/settings(_:)`` naming what does not fit.
  func validate() throws(TrainingError) {
    let c = configuration
    guard (1...8).contains(channelMultipliers.count), channelMultipliers.allSatisfy({ $0 > 0 }) else {
      throw .settings("there must be 1 to 8 channel multipliers, each 1 or more")
    }
    for channels in [baseChannels] + channelMultipliers.map({ baseChannels * $0 })
    where channels % c.normalizationGroups != 0 {
      throw .settings(
        "\(channels) channels (base × multiplier) are not a multiple of \(c.normalizationGroups)")
    }
    guard size % c.factor == 0, size >= c.factor else {
      throw .settings("a size of \(size) pixels is not a multiple of \(c.factor)")
    }
    guard batch > 0, steps > 0, codes > 1, codeChannels > 0 else {
      throw .settings("batch, steps, codes and channels must be positive")
    }
    guard (1...6).contains(discriminator.layers) else {
      throw .settings("a discriminator has 1 to 6 layers, not \(discriminator.layers)")
    }
  }
}
