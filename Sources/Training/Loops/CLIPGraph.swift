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
    func loss(_ images: Tensor) -> Tensor {
      ContrastiveLoss.value(images: images, texts: embeddings.texts, scale: scale)
    }
    var images = embeddings.images
    if let adversary = settings.adversary {
      let spoiled = graph.scope("adversary") {
        Self.spoiled(embeddings.pictures, adversary, by: { loss(embeddings.embed($0)) })
      }
      images = embeddings.embed(spoiled)
    }
    let loss = loss(images)
    graph.output("loss", loss)
    graph.output("scale", scale)
    let variables = weights.weights.map(\.variable)
    let gradients = graph.gradients(of: loss, withRespectTo: variables)
    for (weight, gradient) in zip(weights.weights, gradients) {
      self.gradients["\(Self.model)/\(weight.name)"] = gradient
    }
    Self.update(settings, weights, gradients, in: graph)
  }

  /// AdamW's step on `weights`, with the input `rate`, the output `gradient` and the variable `step`.
  static func update(
    _ settings: CLIPSettings, _ weights: TrainableWeights, _ gradients: [Tensor], in graph: Graph
  ) {
    let lastStep = graph.variable("step", [1], .float32, .zeros)
    let step = lastStep + 1
    graph.update(lastStep, to: step)
    var update = WeightUpdate()
    update.betas = (settings.beta1, settings.beta2)
    update.epsilon = 1e-6
    update.decay = settings.decay
    let norm = update.apply(
      to: weights.weights, of: model, gradients: gradients, rate: graph.input("rate", [1]),
      step: step
    ) { name, value in
      name == "logit_scale" ? value.minimum(value.fullLike(largestScale)) : value
    }
    graph.output("gradient", norm)
  }

  /// Pictures in 0…1, changed by no more than the adversary's radius so that the loss grows: each of
  /// its steps goes along the sign of the gradient.
  private static func spoiled(
    _ pictures: Tensor, _ adversary: CLIPSettings.Adversary, by loss: (Tensor) -> Tensor
  ) -> Tensor {
    let (radius, zero) = (adversary.radius, pictures.fullLike(0))
    // Enough to cross the ball whatever the number of steps.
    let length = adversary.steps == 1 ? radius : 2 * radius / Float(adversary.steps)
    var spoiled = pictures
    for _ in 0..<adversary.steps {
      let slope = pictures.graph.gradients(of: loss(spoiled), withRespectTo: [spoiled])[0]
      let sign = slope.greaterOrEqual(zero) * 2 - 1
      spoiled = (spoiled + sign * length).minimum(pictures + radius).maximum(pictures - radius)
      spoiled = spoiled.minimum(zero + 1).maximum(zero).detached()
    }
    return spoiled
  }
}

/// Both towers on a batch of pairs.
struct CLIPEmbeddings {
  /// Embeddings of unit length, [B,D].
  let images: Tensor
  let texts: Tensor
  /// Logarithm of the cosines' scale, a scalar.
  let scale: Tensor
  /// [B,S,S,3] in 0…1.
  let pictures: Tensor
  private let clip: CLIP

  init(
    _ configuration: CLIPConfiguration, _ weights: TrainableWeights, batch: Int, in graph: Graph
  ) throws {
    let root = ModelWeights(weights, in: graph)
    scale = try root.tensor("logit_scale", [])
    clip = try CLIP(configuration, root)
    pictures = graph.pictures(batch, side: configuration.imageSize) * (1 / 255)
    let tokens = graph.input("tokens", [batch * configuration.contextLength], .int32)
    let ends = graph.input("ends", [batch], .int32)
    images = clip.image(clip.normalized(pictures)).normalized()
    texts = clip.text(tokens: tokens, ends: ends).normalized()
  }

  /// Pictures [N,S,S,3] in 0…1 → embeddings of unit length, [N,D].
  func embed(_ pictures: Tensor) -> Tensor { clip.image(clip.normalized(pictures)).normalized() }
}
