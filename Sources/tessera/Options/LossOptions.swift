import ArgumentParser
import Guidance

/// Weights of loss terms beside the prompts'.
struct LossOptions: ParsableArguments {
  @Option(help: "How smooth the picture is to be: weight of its total variation, such as 1.")
  var totalVariation: Float?

  @Option(
    help: "How strongly to stay near --init-image, as in the notebooks: 0 leaves the latent free.")
  var initWeight: Float?

  /// Weights by the terms' names, where they are given.
  private var weights: [(name: String, weight: Float?)] {
    [(TotalVariation.name, totalVariation), (StartDistance.name, initWeight)]
  }

  var areGiven: Bool { weights.contains { $0.weight != nil } }

  func apply(to request: inout RenderRequest) {
    for (name, weight) in weights where weight != nil { request.losses[name] = weight }
  }
}
