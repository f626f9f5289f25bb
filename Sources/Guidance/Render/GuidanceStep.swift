import Models
import TensorGraph

/// One optimisation step as a graph: latent → codes → picture → cutouts → embeddings → distance to
/// the prompts → gradient → Adam → latent.
package struct GuidanceStep {
  // The variables by name: the latent, Adam's moments of its shape, and the number of steps done.
  package static let latentName = "latent"
  /// Where the latent is held to, of its shape; only with an initial weight.
  static let initialLatentName = "initial latent"
  static let momentNames = ["first moment", "second moment"]
  package static let stepName = "step"
  /// In half precision, what the loss is multiplied by.
  package static let lossScaleName = "loss scale"
  /// 1 after a step whose gradient was not finite, else 0.
  package static let hasDivergedName = "has diverged"

  package let graph: Graph
  /// Of the loss with respect to the latent, of its shape.
  let gradient: Tensor

  /// - Parameters:
  ///   - settings: with sides that are multiples of the generator's factor.
  ///   - batches: in which the perceptor sees the cutouts.
  init(_ settings: RenderSettings, guide: Guide, batches: Int = 1) throws {
    let graph = Graph()
    self.init(
      settings, vqgan: try VQGAN(guide.generator, in: graph),
      clip: try CLIP(guide.perceptor, in: graph), targets: guide.targets, batches: batches)
  }

  /// - Parameters:
  ///   - settings: with sides that are multiples of the generator's factor.
  ///   - vqgan: of the graph that the step is added to; so is `clip`.
  ///   - targets: an embedding for each prompt, those of texts first.
  ///   - batches: in which the perceptor sees the cutouts. They are the same cutouts, and their
  ///     loss the same but for rounding; of one batch at a time the gradient needs to be kept.
  package init(
    _ settings: RenderSettings, vqgan: VQGAN, clip: CLIP, targets: [[Float]], batches: Int = 1
  ) {
    let graph = vqgan.codebook.graph
    self.graph = graph
    graph.precision = settings.precision ?? .full
    let shape = vqgan.configuration.latentShape(width: settings.width, height: settings.height)
    let latent = graph.variable(Self.latentName, shape, .float32, .zeros)
    let firstMoment = graph.variable(Self.momentNames[0], shape, .float32, .zeros)
    let secondMoment = graph.variable(Self.momentNames[1], shape, .float32, .zeros)
    let lastStep = graph.variable(Self.stepName, [1], .float32, .zeros)
    let step = lastStep + 1

    let decoded = vqgan.decode(vqgan.quantize(latent))
    let picture = graph.scope("picture") { (0.5 * (decoded + 1)).clampedWithGradient(to: 0...1) }
    let weights = settings.prompts.map(\.weight) + settings.picturePrompts.map(\.weight)
    let count = settings.cutouts.count
    let parts = (0..<batches).map { number in
      let batch = number * count / batches..<(number + 1) * count / batches
      let cutouts = picture.cutouts(
        settings.cutouts, side: clip.configuration.imageSize, seed: settings.seed, step: step,
        batch: batch)
      let embeddings = clip.image(clip.normalized(cutouts))
      return graph.scope("loss") {
        Float(batch.count) / Float(count)
          * Self.weightedDistance(from: embeddings, to: targets, weights: weights)
      }
    }
    var loss = graph.scope("loss") { parts.dropFirst().reduce(parts[0], +) }
    if settings.initialWeight > 0 {
      let initial = graph.variable(Self.initialLatentName, shape, .float32, .zeros)
      let sum = loss
      loss = graph.scope("loss") {
        let way = latent - initial
        return sum + 0.5 * settings.initialWeight * (way * way).mean()
      }
    }
    graph.output("image", picture)
    graph.output("loss", loss)

    let scale = graph.precision == .half
      ? LossScale(Self.lossScaleName, loss: loss, target: latent) : nil
    gradient = scale?.gradient ?? graph.gradients(of: loss, withRespectTo: [latent])[0]
    graph.output(Self.hasDivergedName, 1 - (scale?.isFinite ?? gradient.isFiniteThroughout))
    let state = Adam().updated(
      Adam.State(parameter: latent, firstMoment: firstMoment, secondMoment: secondMoment),
      gradient: gradient, step: step, learningRate: settings.learningRate(at: step))
    // Beyond the codes' range nothing changes, and the way back would only grow longer.
    let highest = vqgan.codebook.max(axes: [0]).reshaped([shape[3]])
    let lowest = -((-vqgan.codebook).max(axes: [0]).reshaped([shape[3]]))
    for (variable, value) in [
      (latent, state.parameter.minimum(highest).maximum(lowest)),
      (firstMoment, state.firstMoment), (secondMoment, state.secondMoment), (lastStep, step),
    ] {
      if let scale { scale.update(variable, to: value) } else { graph.update(variable, to: value) }
    }
  }

  /// Σ weight × mean spherical distance of the embeddings [n,D] to each target.
  private static func weightedDistance(
    from embeddings: Tensor, to targets: [[Float]], weights: [Float]
  ) -> Tensor {
    zip(targets, weights).map { target, weight in
      let target = embeddings.graph.literal(target, [target.count])
      return weight * sphericalDistance(embeddings, target).mean()
    }.reduce(embeddings.graph.fill(0, []), +)
  }
}

extension VQGANConfiguration {
  /// [1,rows,columns,channels] of the latent of a picture whose sides are multiples of the factor.
  func latentShape(width: Int, height: Int) -> Shape {
    [1, height / factor, width / factor, codeChannels]
  }
}

extension RenderSettings {
  /// Share of the learning rate that is left at the last step.
  private static let finalShare: Float = 1 / 8

  /// The rates of the steps whose numbers these are, from 1: along half a cosine from the first rate
  /// to a share of it (Loshchilov and Hutter, "SGDR", 2017, without restarts), so that the picture
  /// settles.
  package func learningRate(at step: Tensor) -> Tensor {
    let last = step.filled(Float(max(1, steps - 1)))
    let progress = (step - 1).minimum(last) / last
    let swing = 0.5 * (1 + (Float.pi * progress).cosine())
    return learningRate * (Self.finalShare + (1 - Self.finalShare) * swing)
  }
}
