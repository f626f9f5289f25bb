import TensorGraph
import Weights

/// The perceptor: pictures and texts embedded in one space, where what belongs together is close.
///
/// Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021);
/// `CLIP` with a vision transformer in OpenAI's `model.py`.
public struct CLIP {
  public let configuration: CLIPConfiguration
  public let image: ImageEncoder
  public let text: TextEncoder

  /// Mean and deviation of the pictures it was trained on, per channel.
  public static let pixelMean: [Float] = [0.48145466, 0.4578275, 0.40821073]
  public static let pixelDeviation: [Float] = [0.26862954, 0.26130258, 0.27577711]

  /// The perceptor of `checkpoint`, its weights as constants of `graph`.
  package init(_ checkpoint: CLIPCheckpoint, in graph: Graph) throws {
    let weights = ModelWeights(checkpoint.file.scope, in: graph)
    configuration = checkpoint.configuration
    image = try ImageEncoder(weights["visual"], configuration)
    text = try TextEncoder(weights, configuration)
  }

  /// Pictures [N,H,W,3] in 0…1 → the same with CLIP's mean and deviation taken out.
  public static func normalized(_ pictures: Tensor) -> Tensor {
    let mean = pictures.graph.literal(pixelMean, [3])
    let deviation = pictures.graph.literal(pixelDeviation, [3])
    return (pictures - mean) / deviation
  }

  /// CLIP's vision transformer.
  public struct ImageEncoder {
    private let patches: Convolution
    private let classEmbedding: Tensor
    private let positions: Tensor
    private let normPre: LayerNorm
    private let transformer: Transformer
    private let normPost: LayerNorm
    private let projection: Tensor
    private let width: Int

    init(_ weights: ModelWeights, _ c: CLIPConfiguration) throws {
      let tokens = (c.imageSize / c.patchSize) * (c.imageSize / c.patchSize) + 1
      width = c.imageWidth
      patches = try Convolution(
        weights["conv1"], from: 3, to: width, kernel: c.patchSize, stride: c.patchSize,
        padding: Padding(all: 0), hasBias: false)
      classEmbedding = try weights.tensor("class_embedding", [width])
      positions = try weights.tensor("positional_embedding", [tokens, width])
      normPre = try LayerNorm(weights["ln_pre"], width: width)
      transformer = try Transformer(
        weights["transformer"], layers: c.imageLayers, width: width, isCausal: false)
      normPost = try LayerNorm(weights["ln_post"], width: width)
      projection = try weights.tensor("proj", [width, c.embeddingWidth])
    }

    /// Normalised pictures [N,S,S,3] → embeddings [N,D], not normalised.
    public func callAsFunction(_ pictures: Tensor) -> Tensor {
      let n = pictures.shape[0]
      let patches = patches(pictures).reshaped([n, -1, width])  // [N,T-1,width]
      let first = classEmbedding.broadcast(to: [n, 1, width])
      let tokens = normPre(first.concatenated(with: patches, axis: 1) + positions)  // [N,T,width]
      let summary = transformer(tokens).sliced(axis: 1, 0..<1).reshaped([n, width])
      return normPost(summary).matmul(projection)
    }
  }

  /// CLIP's text transformer.
  public struct TextEncoder {
    private let vocabulary: Tensor
    private let positions: Tensor
    private let transformer: Transformer
    private let normFinal: LayerNorm
    private let projection: Tensor
    private let width: Int

    init(_ weights: ModelWeights, _ c: CLIPConfiguration) throws {
      width = c.textWidth
      vocabulary = try weights["token_embedding"].tensor("weight", [c.vocabularySize, width])
      positions = try weights.tensor("positional_embedding", [c.contextLength, width])
      transformer = try Transformer(
        weights["transformer"], layers: c.textLayers, width: width, isCausal: true)
      normFinal = try LayerNorm(weights["ln_final"], width: width)
      projection = try weights.tensor("text_projection", [width, c.embeddingWidth])
    }

    /// - Parameters:
    ///   - tokens: int32 [N·T], texts padded to the context length T.
    ///   - ends: int32 [N], position in `tokens` of each text's end token.
    /// - Returns: embeddings [N,D], not normalised.
    public func callAsFunction(tokens: Tensor, ends: Tensor) -> Tensor {
      let n = ends.shape[0]
      let words = vocabulary.gathered(tokens).reshaped([n, -1, width])  // [N,T,width]
      let embedded = words + positions
      let features = normFinal(transformer(embedded)).reshaped([-1, width])  // [N·T,width]
      return features.gathered(ends).matmul(projection)
    }
  }
}

/// A CLIP's weights and sizes, opened and checked but not yet in any graph.
public struct CLIPCheckpoint: Sendable {
  public let file: WeightFile
  public let configuration: CLIPConfiguration

  /// - Parameter path: a `.safetensors` or `.pt` with the tensor names of OpenAI's `model.py`.
  /// - Throws: ``WeightError`` or ``ModelError`` naming the file and what is wrong with it.
  public init(path: String) throws {
    file = try WeightFile(path: path)
    configuration = try CLIPConfiguration(file.scope)
    // Building the model checks every tensor's name and shape.
    _ = try CLIP(self, in: Graph())
  }
}
