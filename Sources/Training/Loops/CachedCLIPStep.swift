import Execution
import Models
import TensorGraph

/// A step on a batch that does not fit into memory at once: embeddings of all parts first, without
/// gradients; the loss of the whole batch and its gradient with respect to them; then the towers on
/// each part again, with gradients, which are added up. The result is that of one batch.
///
/// Gao et al., "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup" (2021);
/// `--accum-freq` of open_clip.
final class CachedCLIPStep {
  private let settings: CLIPSettings
  private let embed: any Executable
  private let loss: any Executable
  private let part: any Executable
  private let apply: any Executable
  /// Pairs of a part.
  private let count: Int
  private let width: Int

  /// - Parameters:
  ///   - embed: a program whose outputs `images` and `texts` are the embeddings of a part.
  ///   - programs: which it shares variables with.
  init(
    _ settings: CLIPSettings, _ configuration: CLIPConfiguration, initial: InitialWeights,
    embed: any Executable, _ programs: SharedPrograms
  ) throws {
    self.settings = settings
    self.embed = embed
    count = settings.batch / settings.parts
    width = configuration.embeddingWidth
    loss = try programs.compile(Self.lossGraph(settings, configuration, initial))
    part = try programs.compile(Self.partGraph(settings, configuration, initial, count))
    apply = try programs.compile(Self.applyGraph(settings, configuration, initial, count))
  }

  /// - Parameter write: gives the pictures and texts of part `index` to a program.
  func step(rate: Float, write: (_ index: Int, _ program: any Executable) throws -> Void) throws {
    var images: [Float] = []
    var texts: [Float] = []
    for index in 0..<settings.parts {
      try write(index, embed)
      try embed.step()
      let values = try embed.read(["images", "texts"])
      images += values[0]
      texts += values[1]
    }
    try loss.write("images", images)
    try loss.write("texts", texts)
    try loss.step()
    let slopes = try loss.read(["slope/images", "slope/texts", "slope/scale"])
    for index in 0..<settings.parts {
      let range = index * count * width..<(index + 1) * count * width
      try write(index, part)
      try part.write("slope/images", Array(slopes[0][range]))
      try part.write("slope/texts", Array(slopes[1][range]))
      try part.write("keeps", [index == 0 ? 0 : 1])
      try part.step()
    }
    try apply.write("slope/scale", slopes[2])
    try apply.write("rate", [rate])
    try apply.step()
  }

  /// Loss, norm of the gradient and scale of the last step.
  func metrics() throws -> [Metric] {
    [
      Metric("loss", try loss.read("loss")[0]),
      Metric("gradient", try apply.read("gradient")[0]),
      Metric("scale", try loss.read("scale")[0]),
    ]
  }

  // MARK: - Graphs

  private static let scaleName = "logit_scale"

  private static func lossGraph(
    _ settings: CLIPSettings, _ configuration: CLIPConfiguration, _ initial: InitialWeights
  ) throws -> Graph {
    let graph = Graph()
    let weights = TrainableWeights(CLIPGraph.model, initial: initial)
    let logarithm = try weights.tensor(scaleName, [], in: graph)
    let shape = [settings.batch, configuration.embeddingWidth]
    let (images, texts) = (graph.input("images", shape), graph.input("texts", shape))
    let loss = ContrastiveLoss.value(
      images: images, texts: texts, scale: logarithm.exponential())
    graph.output("loss", loss)
    graph.output("scale", logarithm.exponential())
    let slopes = graph.gradients(of: loss, withRespectTo: [images, texts, logarithm])
    for (name, slope) in zip(["images", "texts", "scale"], slopes) {
      graph.output("slope/" + name, slope)
    }
    return graph
  }

  private static func partGraph(
    _ settings: CLIPSettings, _ configuration: CLIPConfiguration, _ initial: InitialWeights,
    _ count: Int
  ) throws -> Graph {
    let graph = Graph()
    let weights = TrainableWeights(CLIPGraph.model, initial: initial)
    let embeddings = try CLIPEmbeddings(configuration, weights, batch: count, in: graph)
    let shape = [count, configuration.embeddingWidth]
    func along(_ embedding: Tensor, _ name: String) -> Tensor {
      (embedding * graph.input("slope/" + name, shape)).sum(axes: [0, 1]).reshaped([])
    }
    let total = along(embeddings.images, "images") + along(embeddings.texts, "texts")
    let keeps = graph.input("keeps", [1])
    let trained = weights.weights.filter { $0.name != scaleName }
    let gradients = graph.gradients(of: total, withRespectTo: trained.map(\.variable))
    for (weight, gradient) in zip(trained, gradients) {
      let sum = accumulator(of: weight, in: graph)
      graph.update(sum, to: sum * keeps.reshaped(sum.shape.map { _ in 1 }) + gradient)
    }
    return graph
  }

  private static func accumulator(of weight: TrainableWeights.Weight, in graph: Graph) -> Tensor {
    graph.variable("gradient/\(weight.name)", weight.variable.shape, .float32, .zeros)
  }

  private static func applyGraph(
    _ settings: CLIPSettings, _ configuration: CLIPConfiguration, _ initial: InitialWeights,
    _ count: Int
  ) throws -> Graph {
    let graph = Graph()
    let weights = TrainableWeights(CLIPGraph.model, initial: initial)
    // Tracing the towers declares their weights; what computes nothing that is asked for is left out.
    _ = try CLIPEmbeddings(configuration, weights, batch: count, in: graph)
    let gradients = weights.weights.map { weight in
      weight.name == scaleName
        ? graph.input("slope/scale", []) : accumulator(of: weight, in: graph)
    }
    CLIPGraph.update(settings, weights, gradients, in: graph)
    return graph
  }
}
