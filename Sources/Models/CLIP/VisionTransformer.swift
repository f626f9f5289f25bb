import TensorGraph

/// CLIP's vision transformer: `VisionTransformer` in OpenAI's `model.py`.
struct VisionTransformer: ImageNetwork {
  private let scope: LayerScope
  private let patches: Convolution
  private let classEmbedding: Tensor
  private let positions: Tensor
  private let normPre: LayerNorm
  private let transformer: Transformer
  private let normPost: LayerNorm
  private let projection: Tensor
  private let width: Int

  init(
    _ weights: ModelWeights, _ c: TransformerConfiguration, patchSize: Int,
    _ clip: CLIPConfiguration
  ) throws {
    scope = weights.scope
    let side = clip.imageSize / patchSize
    width = c.width
    patches = try Convolution(
      weights["conv1"], from: 3, to: width, kernel: patchSize, stride: patchSize,
      padding: Padding(all: 0), hasBias: false)
    classEmbedding = try weights.tensor("class_embedding", [width])
    positions = try weights.tensor("positional_embedding", [side * side + 1, width])
    normPre = try LayerNorm(weights["ln_pre"], width: width)
    transformer = try Transformer(weights["transformer"], c, isCausal: false)
    normPost = try LayerNorm(weights["ln_post"], width: width)
    projection = try weights.tensor("proj", [width, clip.embeddingWidth])
  }

  func callAsFunction(_ pictures: Tensor) -> Tensor {
    scope {
      let n = pictures.shape[0]
      let patches = patches(pictures).reshaped([n, -1, width])  // [N,T-1,width]
      let first = classEmbedding.broadcast(to: [n, 1, width])
      let tokens = normPre(first.concatenated(with: patches, axis: 1) + positions)  // [N,T,width]
      let summary = transformer(tokens, tokens: 0..<1).reshaped([n, width])
      return normPost(summary).matmul(projection)
    }
  }
}
