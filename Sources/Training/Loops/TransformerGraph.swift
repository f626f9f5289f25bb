import Models
import TensorGraph

/// One step of a codebook transformer's training as a graph: tokens → logits → cross entropy →
/// gradients → AdamW.
package struct TransformerGraph {
  static let model = "transformer"

  package let graph = Graph()
  let weights: TrainableWeights
  /// Gradients of the loss with respect to the weights, by the variables' names.
  package private(set) var gradients: [String: Tensor] = [:]

  /// - Parameter initial: weights before the first step.
  package init(
    _ settings: TransformerSettings, _ configuration: CodebookTransformerConfiguration,
    initial: InitialWeights
  ) throws {
    weights = TrainableWeights(Self.model, initial: initial)
    let loss = try Self.loss(configuration, weights, batch: settings.batch, in: graph)
    graph.output("loss", loss)
    let lastStep = graph.variable("step", [1], .float32, .zeros)
    let step = lastStep + 1
    graph.update(lastStep, to: step)
    let gradients = graph.gradients(
      of: loss, withRespectTo: weights.weights.map(\.variable))
    for (weight, gradient) in zip(weights.weights, gradients) {
      self.gradients["\(Self.model)/\(weight.name)"] = gradient
    }
    var update = WeightUpdate()
    update.betas = (settings.beta1, settings.beta2)
    update.decay = settings.decay
    // Matrices of layers, not embeddings: as `configure_optimizers` of taming-transformers.
    update.decays = { name, shape in
      shape.count == 2 && name.hasSuffix("weight") && !name.hasPrefix("tok_emb")
    }
    update.clipping = settings.clipping
    update.averaging = settings.averaging
    let norm = update.apply(
      to: weights.weights, of: Self.model, gradients: gradients, rate: graph.input("rate", [1]),
      step: step)
    graph.output("gradient", norm)
  }

  /// Mean cross entropy of the codes of a batch, in nats: of the inputs `tokens`, int32 [B·T], and
  /// `targets`, the codes [B·rows·columns].
  static func loss(
    _ c: CodebookTransformerConfiguration, _ weights: TrainableWeights, batch: Int,
    in graph: Graph
  ) throws -> Tensor {
    let transformer = try CodebookTransformer(c, ModelWeights(weights, in: graph))
    let length = c.sequenceLength
    let tokens = graph.input("tokens", [batch * length], .int32)
    let targets = graph.input("targets", [batch * c.rows * c.columns])
    let logits = transformer.logits(
      tokens: tokens, count: batch, told: c.conditionLength - 1..<length
    ).reshaped([-1, c.codes])
    return graph.scope("loss") { CrossEntropy.mean(logits, targets) }
  }
}

/// Cross entropy with indices.
enum CrossEntropy {
  /// Mean of log Σ eˣ − x[target] over the rows of `logits` [P,K], in nats.
  /// - Parameter targets: indices 0..<K as floats, [P].
  static func mean(_ logits: Tensor, _ targets: Tensor) -> Tensor {
    let (positions, count) = (logits.shape[0], logits.shape[1])
    let numbers = logits.graph.literal((0..<count).map(Float.init), [1, count])
    let wanted = targets.reshaped([positions, 1])
    let isTarget = numbers.greaterOrEqual(wanted) * wanted.greaterOrEqual(numbers)
    let own = (logits * isTarget).sum(axes: [1])
    return (logits.logSumExp() - own).mean()
  }
}
