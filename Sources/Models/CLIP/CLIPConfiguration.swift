/// Sizes of a CLIP, read off the shapes of its tensors as the original does.
public struct CLIPConfiguration: Hashable, Sendable {
  public enum ImageEncoder: Hashable, Sendable {
    /// `patchSize`: side of a patch, in pixels.
    case transformer(TransformerConfiguration, patchSize: Int)
    case residualNetwork(ResidualNetworkConfiguration)
  }

  /// Side of the pictures it takes, in pixels.
  public var imageSize: Int
  public var image: ImageEncoder
  public var text: TransformerConfiguration
  /// Tokens of a text.
  public var contextLength: Int
  public var vocabularySize: Int
  /// Components of an embedding.
  public var embeddingWidth: Int
  /// Mean and deviation of the pictures it was trained on, per channel.
  public var pixelMean: [Float]
  public var pixelDeviation: [Float]

  /// Mean and deviation of OpenAI's training pictures, which are assumed where a file tells none.
  package static let openAIMean: [Float] = [0.48145466, 0.4578275, 0.40821073]
  package static let openAIDeviation: [Float] = [0.26862954, 0.26130258, 0.27577711]

  package init(
    imageSize: Int, image: ImageEncoder, text: TransformerConfiguration, contextLength: Int,
    vocabularySize: Int, embeddingWidth: Int, pixelMean: [Float], pixelDeviation: [Float]
  ) {
    (self.imageSize, self.image, self.text) = (imageSize, image, text)
    (self.contextLength, self.vocabularySize) = (contextLength, vocabularySize)
    self.embeddingWidth = embeddingWidth
    (self.pixelMean, self.pixelDeviation) = (pixelMean, pixelDeviation)
  }
}

extension CLIPConfiguration {
  /// - Throws: ``WeightError`` for a missing tensor, ``ModelError`` for another architecture.
  package init(_ weights: NamedWeights, _ details: CLIPDetails) throws {
    if weights.contains("visual.class_embedding") {
      let patches = try weights.shape("visual.conv1.weight", rank: 4)
      image = .transformer(
        try TransformerConfiguration(
          weights, "visual.transformer", width: patches[0], details.imageHeads, details.activation),
        patchSize: patches[3])
      imageSize = patches[3] * (try Self.side(weights, "visual.positional_embedding"))
    } else {
      let network = try ResidualNetworkConfiguration(weights, details.imageHeads)
      image = .residualNetwork(network)
      let positions = "visual.attnpool.positional_embedding"
      imageSize = ResidualNetworkConfiguration.factor * (try Self.side(weights, positions))
    }
    let positions = try weights.shape("positional_embedding", rank: 2)
    contextLength = positions[0]
    text = try TransformerConfiguration(
      weights, "transformer", width: positions[1], details.textHeads, details.activation)
    vocabularySize = try weights.shape("token_embedding.weight", rank: 2)[0]
    embeddingWidth = try weights.shape("text_projection", rank: 2)[1]
    pixelMean = details.pixelMean
    pixelDeviation = details.pixelDeviation
  }

  /// Side of the square of positions in the embedding `name`, which has one more for the summary.
  private static func side(_ weights: NamedWeights, _ name: String) throws -> Int {
    let positions = try weights.shape(name, rank: 2)[0] - 1
    let side = Int(Double(positions).squareRoot().rounded())
    guard side > 0, side * side == positions else {
      throw ModelError.architecture(
        file: weights.file,
        problem: "\(try weights.tensor(name).name) has \(positions) patches, not a square")
    }
    return side
  }
}

/// Sizes of a transformer.
public struct TransformerConfiguration: Hashable, Sendable {
  public var width: Int
  public var layers: Int
  public var heads: Int
  /// Width between the two layers of a block's perceptron.
  public var hiddenWidth: Int
  public var activation: Activation

  package init(
    width: Int, layers: Int, heads: Int, hiddenWidth: Int, activation: Activation
  ) {
    (self.width, self.layers, self.heads) = (width, layers, heads)
    (self.hiddenWidth, self.activation) = (hiddenWidth, activation)
  }
}

extension TransformerConfiguration {
  /// - Parameter path: of the transformer in the original's names.
  init(
    _ weights: NamedWeights, _ path: String, width: Int, _ heads: CLIPDetails.Heads,
    _ activation: Activation
  ) throws {
    let blocks = "\(path).resblocks"
    self.width = width
    layers = weights.blockCount(blocks, witness: "ln_1.weight")
    self.heads = try heads.count(width: width, file: weights.file)
    hiddenWidth = try weights.shape("\(blocks).0.mlp.c_fc.weight", rank: 2)[0]
    self.activation = activation
  }
}

/// Sizes of CLIP's residual network.
public struct ResidualNetworkConfiguration: Hashable, Sendable {
  /// Channels after the stem.
  public var width: Int
  /// Blocks at each of the four resolutions.
  public var blocks: [Int]
  /// Heads of the attention that pools what is left of the picture.
  public var heads: Int

  /// Pixels of the picture to one position of the attention, along each side.
  static let factor = 32
  /// Channels that the attention pools.
  var outputWidth: Int { width * 32 }

  init(_ weights: NamedWeights, _ heads: CLIPDetails.Heads) throws {
    width = try weights.shape("visual.layer1.0.conv1.weight", rank: 4)[0]
    blocks = (1...4).map { weights.blockCount("visual.layer\($0)", witness: "conv1.weight") }
    self.heads = try heads.count(width: 32 * width, file: weights.file)
  }
}

/// What follows the first layer of a transformer's perceptron.
public enum Activation: String, Sendable {
  /// x·σ(1.702·x): OpenAI's.
  case quickGELU
  /// x·Φ(x): most of OpenCLIP's.
  case gelu
}
