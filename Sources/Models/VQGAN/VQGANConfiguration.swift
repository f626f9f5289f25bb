import Foundation
import Yams

/// Sizes of a VQGAN, as taming-transformers writes them in the YAML beside a checkpoint.
public struct VQGANConfiguration: Hashable, Sendable {
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

  /// Pixels of the picture, along each side, to one code.
  public var factor: Int { 1 << (channelMultipliers.count - 1) }

  /// Channels at resolution `level`, 0 being full.
  func channels(_ level: Int) -> Int { baseChannels * channelMultipliers[level] }

  /// Whether there is attention at resolution `level`: decided by the training resolution, so that
  /// the same weights serve pictures of any size.
  func hasAttention(_ level: Int) -> Bool {
    attentionResolutions.contains(resolution >> level)
  }

  /// Reads the `model` section of a taming-transformers configuration.
  /// - Throws: ``ModelError`` naming the file and the entry that is missing or wrong.
  public init(yaml path: String) throws {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw ModelError.configuration(
        file: path,
        problem: "cannot be read; a VQGAN needs its configuration as a .yaml of the same name")
    }
    let root: Any?
    do { root = try Yams.load(yaml: text) } catch {
      let reason = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      throw ModelError.configuration(file: path, problem: "is not YAML: \(reason)")
    }
    let reader = ConfigurationReader(file: path, root: root)
    let parameters = try reader.section("model").section("params")
    let network = try parameters.section("ddconfig")
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
    guard (1...8).contains(channelMultipliers.count) else {
      throw ModelError.configuration(
        file: path, problem: "ddconfig.ch_mult must have 1 to 8 entries")
    }
    for level in channelMultipliers.indices where channels(level) % normalizationGroups != 0 {
      throw ModelError.configuration(
        file: path,
        problem: "\(channels(level)) channels (ch × ch_mult) do not divide into "
          + "\(normalizationGroups) normalisation groups (norm_groups)")
    }
  }
}

/// A section of a configuration that says which entry is missing or wrong.
private struct ConfigurationReader {
  let file: String
  let root: Any?
  var path = ""

  func section(_ name: String) throws -> ConfigurationReader {
    guard let mapping = root as? [String: Any], let inner = mapping[name] else {
      throw problem(name, "is missing")
    }
    return ConfigurationReader(file: file, root: inner, path: join(name))
  }

  func integer(
    _ name: String, in range: ClosedRange<Int> = 1...65536, default fallback: Int? = nil
  ) throws -> Int {
    guard let value = entry(name) else {
      if let fallback { return fallback }
      throw problem(name, "is missing")
    }
    guard let number = value as? Int, range.contains(number) else {
      throw problem(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func integers(_ name: String) throws -> [Int] {
    guard let value = entry(name) else { throw problem(name, "is missing") }
    guard let numbers = value as? [Int], numbers.allSatisfy((1...65536).contains) else {
      throw problem(name, "must be a list of whole numbers from 1 to 65536")
    }
    return numbers
  }

  func flag(_ name: String, default fallback: Bool) throws -> Bool {
    guard let value = entry(name) else { return fallback }
    guard let flag = value as? Bool else { throw problem(name, "must be true or false") }
    return flag
  }

  private func entry(_ name: String) -> Any? { (root as? [String: Any])?[name] }

  private func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  private func problem(_ name: String, _ text: String) -> ModelError {
    .configuration(file: file, problem: "\(join(name)) \(text)")
  }
}
