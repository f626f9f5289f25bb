import Models
import TensorGraph

/// A discriminator's loss on pictures, real and painted, and its step.
struct DiscriminatorUpdate {
  let loss: Tensor
  /// Gradients of the loss with respect to the weights, by the variables' names.
  private(set) var gradients: [String: Tensor] = [:]

  /// - Parameters:
  ///   - verdicts: on real and painted pictures.
  ///   - rate: learning rate, one element.
  ///   - factor: of the gradient, a scalar; nil is 1.
  init(
    _ settings: VQGANSettings, _ weights: TrainableWeights, real: Tensor, fake: Tensor,
    rate: Tensor, factor: Tensor? = nil
  ) {
    loss = AdversarialLoss.discriminator(real: real, fake: fake)
    let graph = loss.graph
    let statistics = ["running_mean", "running_var"]
    let trained = weights.weights.filter { weight in
      !statistics.contains { weight.name.hasSuffix($0) }
    }
    let gradients = graph.gradients(
      of: factor.map { $0 * loss } ?? loss, withRespectTo: trained.map(\.variable))
    for (weight, gradient) in zip(trained, gradients) {
      self.gradients["\(VQGANGraph.discriminatorModel)/\(weight.name)"] = gradient
    }
    let lastStep = graph.variable(
      "\(VQGANGraph.discriminatorModel)/step", [1], .float32, .zeros)
    graph.update(lastStep, to: lastStep + 1)
    var update = WeightUpdate()
    update.betas = (settings.beta1, settings.beta2)
    update.apply(
      to: trained, of: VQGANGraph.discriminatorModel, gradients: gradients, rate: rate,
      step: lastStep + 1)
  }
}

/// A discriminator's step as a graph of its own, which follows a VQGAN's: the new weights paint the
/// pictures anew. The optimizers of taming-transformers take turns so.
package struct DiscriminatorGraph {
  package let graph = Graph()
  /// Gradients of the loss with respect to the weights, by the variables' names.
  package let gradients: [String: Tensor]

  /// - Parameters:
  ///   - initial: weights of the VQGAN before the first step.
  ///   - discriminator: weights of the discriminator before its first step.
  package init(
    _ settings: VQGANSettings, initial: InitialWeights, discriminator: InitialWeights
  ) throws {
    let vqgan = try VQGAN(
      settings.configuration,
      ModelWeights(TrainableWeights(VQGANGraph.model, initial: initial), in: graph))
    let pictures = graph.pictures(settings.batch, side: settings.size) * (2 / 255) - 1
    let latent = vqgan.encode(pictures)
    let painted = vqgan.decode(
      vqgan.latent(
        ofCodes: vqgan.codes(of: latent), rows: latent.shape[1], columns: latent.shape[2]))
    let weights = TrainableWeights(VQGANGraph.discriminatorModel, initial: discriminator)
    let network = try PatchDiscriminator(settings.discriminator, ModelWeights(weights, in: graph))
    let real = network.training(pictures)
    let fake = network.training(painted.detached())
    let update = DiscriminatorUpdate(
      settings, weights, real: real.verdicts, fake: fake.verdicts, rate: graph.input("rate", [1]),
      factor: graph.input("discriminator factor", [1]).reshaped([]))
    gradients = update.gradients
    graph.output("discriminator", update.loss)
    for (real, fake) in zip(real.statistics, fake.statistics) {
      BatchNorm.update(with: [real, fake])
    }
  }
}
