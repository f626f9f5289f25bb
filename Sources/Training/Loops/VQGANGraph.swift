import Models
import TensorGraph

/// One step of a VQGAN's training as a graph: pictures → latent → codes → pictures → losses →
/// gradients → weights; with a discriminator, also its step, unless that is a ``DiscriminatorGraph``.
package struct VQGANGraph {
  static let model = "vqgan"
  static let discriminatorModel = "discriminator"
  static let codebookName = "quantize.embedding.weight"

  package let graph = Graph()
  let weights: TrainableWeights
  /// Gradients of the losses with respect to the weights, by the variables' names.
  package private(set) var gradients: [String: Tensor] = [:]
  /// Metrics in the order they are told; each is an output of this name.
  private(set) var metrics: [String] = []

  /// - Parameters:
  ///   - initial: weights of the VQGAN before the first step.
  ///   - isTrained: whether these are those of a trained model.
  ///   - discriminator: its weights before its first step; nil leaves it out.
  ///   - perceptual: distance of pictures [N,H,W,3] in -1…1, one a picture [N]; nil leaves it out.
  package init(
    _ settings: VQGANSettings, initial: InitialWeights, isTrained: Bool,
    discriminator: InitialWeights?, perceptual: ((Tensor, Tensor) throws -> Tensor)?
  ) throws {
    weights = TrainableWeights(Self.model, initial: initial)
    let vqgan = try VQGAN(settings.configuration, ModelWeights(weights, in: graph))
    let pictures = graph.pictures(settings.batch, side: settings.size) * (2 / 255) - 1
    let lastStep = graph.variable("step", [1], .float32, .zeros)
    let step = lastStep + 1
    graph.update(lastStep, to: step)
    let rate = graph.input("rate", [1])

    let latent = vqgan.encode(pictures)
    let codes = vqgan.codes(of: latent)
    let quantized = vqgan.latent(
      ofCodes: codes, rows: latent.shape[1], columns: latent.shape[2])
    let painted = vqgan.decode(quantized.straightThrough(to: latent))

    // Losses of the picture; their weighted sum is what the adaptive weight compares with.
    let difference = (pictures - painted).absolute().mean()
    tell("l1", difference)
    var reconstruction = difference
    if let perceptual, settings.perceptualWeight > 0 {
      let distance = try graph.scope("perceptual") { try perceptual(pictures, painted).mean() }
      tell("perceptual", distance)
      reconstruction = reconstruction + settings.perceptualWeight * distance
    }

    // Losses of the latent.
    func meanSquare(_ a: Tensor, _ b: Tensor) -> Tensor { ((a - b) * (a - b)).mean() }
    let commitment = meanSquare(quantized.detached(), latent)
    tell("commitment", commitment)
    var latentLoss = settings.commitment * commitment
    if settings.codebook == .gradient {
      let distance = meanSquare(quantized, latent.detached())
      latentLoss = settings.followsOriginal
        ? commitment + settings.commitment * distance : latentLoss + distance
    }
    let codebook = CodebookUpdate(
      statisticsOf: weights[Self.codebookName], vectors: latent.reshaped([-1, settings.codeChannels]),
      codes: codes, decay: settings.codebookDecay, isTrained: isTrained,
      updatesCodebook: settings.codebook == .average)
    tell("perplexity", codebook.counts.perplexity())
    tell("codes used", codebook.shareUsed)

    // Gradient with respect to the painted pictures, [N,H,W,3].
    var slope = graph.gradients(of: reconstruction, withRespectTo: [painted])[0]
    if let discriminator {
      let weights = TrainableWeights(Self.discriminatorModel, initial: discriminator)
      slope = slope + (try adversarial(
        settings, pictures, painted, slope, weights, rate: rate))
    }

    let trained = weights.weights.filter {
      settings.codebook == .gradient || $0.name != Self.codebookName
    }
    let along = (painted * slope.detached()).sum(axes: Array(painted.shape.indices)).reshaped([])
    let gradients = graph.gradients(
      of: along + latentLoss, withRespectTo: trained.map(\.variable))
    for (weight, gradient) in zip(trained, gradients) {
      self.gradients["\(Self.model)/\(weight.name)"] = gradient
    }
    var update = WeightUpdate()
    update.betas = (settings.beta1, settings.beta2)
    update.averaging = settings.averaging
    let norm = update.apply(
      to: trained, of: Self.model, gradients: gradients, rate: rate, step: step)
    tell("gradient", norm)
  }

  private mutating func tell(_ name: String, _ value: Tensor) {
    graph.output(name, value)
    metrics.append(name)
  }

  /// The discriminator's step, and what it adds to the gradient with respect to the painted pictures.
  /// - Parameter slope: the gradient of the reconstruction's loss with respect to them.
  private mutating func adversarial(
    _ settings: VQGANSettings, _ pictures: Tensor, _ painted: Tensor, _ slope: Tensor,
    _ weights: TrainableWeights, rate: Tensor
  ) throws -> Tensor {
    let network = try PatchDiscriminator(
      settings.discriminator, ModelWeights(weights, in: graph))
    let fake = network.training(painted)

    let generatorLoss = AdversarialLoss.generator(fake: fake.verdicts)
    let adversarialSlope = graph.gradients(of: generatorLoss, withRespectTo: [painted])[0]
    let last = self.weights["decoder.conv_out.weight"]
    func gradient(along slope: Tensor) -> Tensor {
      let along = (painted * slope.detached()).sum(axes: Array(painted.shape.indices))
      return graph.gradients(of: along.reshaped([]), withRespectTo: [last])[0]
    }
    let weight = AdversarialLoss.weight(
      reconstruction: gradient(along: slope), adversarial: gradient(along: adversarialSlope))
    tell("adversarial", generatorLoss)
    tell("adaptive weight", weight)

    var seen = [fake.statistics]
    if !settings.followsOriginal {
      let real = network.training(pictures)
      let update = DiscriminatorUpdate(
        settings, weights, real: real.verdicts, fake: fake.verdicts, rate: rate)
      gradients.merge(update.gradients) { $1 }
      tell("discriminator", update.loss)
      seen.insert(real.statistics, at: 0)
    }
    // Every batch has statistics of its own.
    for layer in fake.statistics.indices { BatchNorm.update(with: seen.map { $0[layer] }) }
    return weight * graph.input("adversarial factor", [1]).reshaped([]) * adversarialSlope
  }
}
