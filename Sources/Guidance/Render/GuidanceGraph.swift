import TensorGraph

/// One optimisation step as a graph: parameters → picture → loss terms → gradients → optimizer →
/// parameters.
package struct GuidanceGraph {
  /// Variable that counts the steps done.
  package static let stepName = "step"
  /// Variable that the loss is multiplied by, in half precision.
  package static let lossScaleName = "loss scale"
  /// Output that is 1 after a step whose gradients were not finite, else 0.
  package static let hasDivergedName = "has diverged"
  package static let lossName = "loss"
  package static let pictureName = "image"

  /// Output of a term's value.
  static func output(of term: any LossTerm) -> String { "loss/\(term.name)" }

  package let graph: Graph
  /// Gradients of the loss with respect to the parameters, of their shapes.
  package let gradients: [Tensor]

  /// - Parameter batches: Number of batches the cutouts are run through CLIP in. They are the same
  ///   cutouts, and their loss the same but for rounding; activations of one batch at a time are kept.
  package init(_ problem: GuidanceProblem, batches: Int = 1) throws {
    graph = Graph()
    graph.precision = problem.precision ?? .full
    let generator = try problem.generator.trace(
      in: graph, width: problem.width, height: problem.height)
    let lastStep = graph.variable(Self.stepName, [1], .float32, .zeros)
    let step = lastStep + 1
    let context = GuidanceContext(
      picture: generator.picture, parameters: generator.parameters, step: step,
      seed: problem.seed, cutouts: problem.cutouts, batches: batches)

    var parts: [Tensor] = []
    for term in problem.losses {
      let value = try graph.scope(term.name) { try term.value(context) }
      graph.output(Self.output(of: term), value)
      parts.append(graph.scope("loss") { term.weight * value })
    }
    if let regulariser = generator.regulariser { parts.append(regulariser) }
    let loss = graph.scope("loss") { parts.dropFirst().reduce(parts[0], +) }
    graph.output(Self.pictureName, generator.picture)
    graph.output(Self.lossName, loss)

    let variables = generator.parameters.map(\.variable)
    let scale = graph.precision == .half
      ? LossScale(Self.lossScaleName, loss: loss, targets: variables) : nil
    gradients = scale?.gradients ?? graph.gradients(of: loss, withRespectTo: variables)
    graph.output(Self.hasDivergedName, 1 - (scale?.isFinite ?? Tensor.areFinite(gradients)))

    var updates = [(variable: lastStep, value: step)]
    graph.scope("optimizer") {
      let rate = problem.learningRate.at(step)
      for (parameter, gradient) in zip(generator.parameters, gradients) {
        var state = OptimizerState(of: parameter.name, parameter.variable.shape, step: step)
        let value = problem.optimizer.update(
          parameter.variable, gradient: gradient, state: &state,
          rate: parameter.learningRateFactor * rate)
        updates.append((parameter.variable, parameter.project(value)))
        updates += state.updates
      }
    }
    for (variable, value) in updates {
      if let scale { scale.update(variable, to: value) } else { graph.update(variable, to: value) }
    }
  }
}
