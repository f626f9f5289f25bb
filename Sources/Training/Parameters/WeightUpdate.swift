import Guidance
import TensorGraph

/// The step of an optimizer on all weights of a model: groups with and without decay, clipping of the
/// gradient, a running mean of the weights.
package struct WeightUpdate {
  /// Coefficients of Adam's running means.
  package var betas = (0.9, 0.999)
  package var epsilon: Float = 1e-8
  /// Share of a weight that a step at rate 1 takes off, of those that ``decays`` names.
  package var decay: Float = 0
  /// Whether a weight of this name and shape decays: matrices do, gains, biases and scales do not.
  package var decays: @Sendable (String, Shape) -> Bool = { _, shape in shape.count > 1 }
  /// Largest norm of the gradient of all weights together; longer ones are shortened to it.
  package var clipping: Float?
  /// Decay of the running mean of the weights; nil keeps none.
  package var averaging: Float?

  package init() {}

  /// First part of the names of the running means.
  static let averagePrefix = "average"

  /// Updates `weights` and the optimizer's state when a step ends.
  /// - Parameters:
  ///   - name: of the model in the variables' names.
  ///   - gradients: of the loss with respect to the weights, of their shapes.
  ///   - rate: learning rate, one element.
  ///   - step: number of this step, one element; the first is 1.
  ///   - limit: makes the new value of a weight a valid one.
  /// - Returns: the norm of the gradient of all weights together, before it is clipped; a scalar.
  @discardableResult
  package func apply(
    to weights: [TrainableWeights.Weight], of name: String, gradients: [Tensor], rate: Tensor,
    step: Tensor, limit: (String, Tensor) -> Tensor = { $1 }
  ) -> Tensor {
    let graph = rate.graph
    return graph.scope("optimizer") {
      let squares = gradients.map {
        ($0 * $0).sum(axes: Array($0.shape.indices)).reshaped([])
      }
      let norm = squares.dropFirst().reduce(squares[0], +).squareRoot()
      // PyTorch's clip_grad_norm_.
      let factor = clipping.map { ($0 / (norm + 1e-6)).minimum(norm.fullLike(1)) }
      for (weight, gradient) in zip(weights, gradients) {
        let variable = weight.variable
        var adam = Adam()
        (adam.beta1, adam.beta2, adam.epsilon) = (betas.0, betas.1, epsilon)
        var rule: any Optimizer = adam
        if decay > 0, decays(weight.name, variable.shape) {
          var decayed = AdamW()
          (decayed.adam, decayed.decay) = (adam, decay)
          rule = decayed
        }
        let place = "\(name)/\(weight.name)"
        let ones = variable.shape.map { _ in 1 }
        var state = OptimizerState(of: place, variable.shape, step: step.reshaped(ones))
        let value = limit(
          weight.name,
          rule.update(
            variable, gradient: factor.map { gradient * $0 } ?? gradient, state: &state,
            rate: rate.reshaped(ones)))
        graph.update(variable, to: value)
        for (variable, value) in state.updates { graph.update(variable, to: value) }
        if let averaging {
          let average = graph.variable(
            "\(Self.averagePrefix)/\(place)", variable.shape, .float32,
            graph.trace.initialValues[variable.id] ?? .zeros)
          // Short at first, so that the random start is soon forgotten.
          let share = (step / (step + 9)).minimum(step.fullLike(averaging)).reshaped(ones)
          graph.update(average, to: value + (average - value) * share)
        }
      }
      return norm
    }
  }
}
