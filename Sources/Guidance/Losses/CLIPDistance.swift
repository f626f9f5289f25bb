import Models
import TensorGraph

/// Distance of the cutouts to the prompts as a CLIP sees them: Σ prompt weight × mean
/// ``sphericalDistance(_:_:)`` of the cutouts' embeddings to the prompt's.
///
/// The program does not depend on the prompts: their embeddings [P,D] and weights [P] are inputs.
public struct CLIPDistance: LossTerm {
  public let name: String
  public let weight: Float
  package let configuration: CLIPConfiguration
  private let tensors: any ModelTensors
  private let promptCount: Int

  /// - Parameter promptCount: P, at least 1.
  package init(
    _ configuration: CLIPConfiguration, _ tensors: any ModelTensors, promptCount: Int,
    name: String = "clip", weight: Float = 1
  ) {
    (self.configuration, self.tensors) = (configuration, tensors)
    (self.promptCount, self.name, self.weight) = (promptCount, name, weight)
  }

  /// Values of the inputs that say what the prompts are.
  /// - Parameters:
  ///   - targets: embedding of each prompt, [P][D].
  ///   - weights: factor of each prompt's distance, [P].
  package func inputs(targets: [[Float]], weights: [Float]) -> [String: HostTensor<Float>] {
    [
      "\(name)/targets": HostTensor(
        shape: [promptCount, configuration.embeddingWidth], targets.flatMap { $0 }),
      "\(name)/prompt weights": HostTensor(shape: [promptCount], weights),
    ]
  }

  public func value(_ context: GuidanceContext) throws -> Tensor {
    let graph = context.graph
    let model = try CLIP(configuration, ModelWeights(tensors, in: graph))
    let targets = graph.input("\(name)/targets", [promptCount, configuration.embeddingWidth])
    let weights = graph.input("\(name)/prompt weights", [promptCount])
    let batches = context.cutoutBatches(side: configuration.imageSize).map { cutouts, share in
      let embeddings = model.image(model.normalized(cutouts))
      return graph.scope("loss") { share * distance(embeddings, targets, weights) }
    }
    return batches.dropFirst().reduce(batches[0], +)
  }

  /// Scalar distance of embeddings [n,D] to targets [P,D], weighted by [P].
  private func distance(_ embeddings: Tensor, _ targets: Tensor, _ weights: Tensor) -> Tensor {
    let terms = (0..<promptCount).map { index in
      let target = targets.sliced(axis: 0, index..<index + 1).reshaped([-1])
      let weight = weights.sliced(axis: 0, index..<index + 1).reshaped([])
      return weight * sphericalDistance(embeddings, target).mean()
    }
    return terms.dropFirst().reduce(terms[0], +)
  }
}
