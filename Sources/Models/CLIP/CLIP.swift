import TensorGraph
import Weights

/// The perceptor: pictures and texts embedded in one space, where what belongs together is close.
///
/// Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021);
/// `CLIP` in OpenAI's `model.py`.
public struct CLIP {
  public let configuration: CLIPConfiguration
  public let image: ImageEncoder
  public let text: TextEncoder

  /// The perceptor of `checkpoint`, its weights as constants of `graph`.
  package init(_ checkpoint: CLIPCheckpoint, in graph: Graph) throws {
    try self.init(checkpoint.configuration, ModelWeights(checkpoint.weights, in: graph))
  }

  /// A perceptor of these sizes, its weights as constants of their graph.
  package init(_ configuration: CLIPConfiguration, _ weights: ModelWeights) throws {
    self.configuration = configuration
    image = try ImageEncoder(weights["visual"], configuration)
    text = try TextEncoder(weights, configuration)
  }

  /// Pictures [N,H,W,3] in 0…1 → the same with the mean and deviation of its training taken out.
  public func normalized(_ pictures: Tensor) -> Tensor {
    pictures.graph.scope("visual") {
      let mean = pictures.graph.literal(configuration.pixelMean, [3])
      let deviation = pictures.graph.literal(configuration.pixelDeviation, [3])
      return (pictures - mean) / deviation
    }
  }

  /// CLIP's vision transformer or residual network.
  public struct ImageEncoder {
    private let network: any ImageNetwork

    init(_ weights: ModelWeights, _ c: CLIPConfiguration) throws {
      network =
        switch c.image {
        case .transformer(let transformer, let patchSize):
          try VisionTransformer(weights, transformer, patchSize: patchSize, c)
        case .residualNetwork(let network): try ModifiedResNet(weights, network, c)
        }
    }

    /// Normalised pictures [N,S,S,3] → embeddings [N,D], not of unit length.
    public func callAsFunction(_ pictures: Tensor) -> Tensor { network(pictures) }
  }

  /// CLIP's text transformer.
  public struct TextEncoder {
    /// The name of the token embeddings [tokens,width].
    package static let vocabularyName = "token_embedding.weight"

    private let vocabulary: Tensor
    private let positions: Tensor
    private let transformer: Transformer
    private let normFinal: LayerNorm
    private let projection: Tensor
    private let width: Int

    init(_ weights: ModelWeights, _ c: CLIPConfiguration) throws {
      width = c.text.width
      vocabulary = try weights.tensor(Self.vocabularyName, [c.vocabularySize, width])
      positions = try weights.tensor("positional_embedding", [c.contextLength, width])
      transformer = try Transformer(weights["transformer"], c.text, isCausal: true)
      normFinal = try LayerNorm(weights["ln_final"], width: width)
      projection = try weights.tensor("text_projection", [width, c.embeddingWidth])
    }

    /// - Parameters:
    ///   - tokens: int32 [N·T], texts padded to the context length T.
    ///   - ends: int32 [N], position in `tokens` of each text's end token.
    /// - Returns: embeddings [N,D], not of unit length.
    public func callAsFunction(tokens: Tensor, ends: Tensor) -> Tensor {
      let words = tokens.graph.scope("text") { vocabulary.gathered(tokens) }
      return self(words: words, ends: ends)
    }

    /// The same of the tokens' embeddings [N·T,width], for a host that reads no others.
    package func callAsFunction(words: Tensor, ends: Tensor) -> Tensor {
      words.graph.scope("text") {
        let n = ends.shape[0]
        let embedded = words.reshaped([n, -1, width]) + positions  // [N,T,width]
        let features = normFinal(transformer(embedded)).reshaped([-1, width])  // [N·T,width]
        return features.gathered(ends).matmul(projection)
      }
    }
  }
}

/// What embeds pictures.
protocol ImageNetwork {
  /// Normalised pictures [N,S,S,3] → embeddings [N,D], not of unit length.
  func callAsFunction(_ pictures: Tensor) -> Tensor
}
