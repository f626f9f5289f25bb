import Models
import TensorGraph

/// One step of a CLIP's training as a graph: both towers, the loss, its gradient, AdamW.
package struct CLIPGraph {
  static let model = "clip"
  /// The logarithm of the cosines' scale may not exceed this, as in the original.
  private static let largestScale: Float = 4.6052

  package let graph = Graph()
  let weights: TrainableWeights
  /// Gradients of the loss with respect to the weights, by the variables' names.
  package private(set) var gradients: [String: Tensor] = [:]

  /// - Parameter initial: weights before the first step.
  package init(
    _ settings: CLIPSettings, _ configuration: CLIPConfiguration, initial: InitialWeights
  ) throws {
    weights = TrainableWeights(Self.model, initial: initial)
    let embeddings = try CLIPEmbeddings(configuration, weights, batch: settings.batch, in: graph)
    let scale = embeddings.scale.exponential()
    let loss = ContrastiveLoss.value(
      images: embeddings.images, texts: embeddings.texts, scale: scale)
    graph.output("loss", loss)
    graph.output("scale", scale)
    let lastStep = graph.variable("step", [1], .float32, .zeros)
    let step = lastStep + 1
    graph.update(lastStep, to: step)

    var update = WeightUpdate()
    update.betas = (settings.beta1, settings.beta2)
    update.epsilon = 1e-6
    update.decay = settings.decay
    let variables = weights.weights.map(\.variable)
    let gradients = graph.gradients(of: loss, withRespectTo: variables)
    for (weight, gradient) in zip(weights.weights, gradients) {
      self.gradients["\(Self.model)/\(weight.name)"] = gradient
    }
    let norm = update.apply(
      to: weights.weights, of: Self.model, gradients: gradients, rate: graph.input("rate", [1]),
      step: step
    ) { name, value in
      name == "logit_scale" ? value.minimum(value.fullLike(Self.largestScale)) : value
    }
    graph.output("gradient", norm)
  }
}

/// Both towers on a batch of pairs.
struct CLIPEmbeddings {
  /// Embeddings of unit length, [B,D].
  let images: Tensor
  let texts: Tensor
  /// Logarithm of the cosines' scale, a scalar.
  let scale: Tensor

  init(
    _ configuration: CLIPConfiguration, _ weights: TrainableWeights, batch: Int, in graph: Graph
  ) throws {
    let root = ModelWeights(weights, in: graph)
    scale = try root.tensor("logit_scale", [])
    let clip = try CLIP(configuration, root)
    let side = configuration.imageSize
    let pictures = graph.input("pictures", [batch, side, side, 3], .uint8)
      .converted(to: .float32) * (1 / 255)
    let tokens = graph.input("tokens", [batch * configuration.contextLength], .int32)
    let ends = graph.input("ends", [batch], .int32)
    images = clip.image(clip.normalized(pictures)).normalized()
    texts = clip.text(tokens: tokens, ends: ends).normalized()
  }
}
