import TensorGraph

/// Batch normalisation of channels-last images: `weight`, `bias`, `running_mean` and `running_var`
/// [C] in the original.
///
/// Ioffe and Szegedy, "Batch Normalization" (ICML 2015).
package struct BatchNorm {
  /// Statistics of one batch, and the running ones that take them up.
  package struct Statistics {
    /// Variables of the running statistics, [C].
    let running: (mean: Tensor, variance: Tensor)
    /// Mean and unbiased variance of the batch, [C].
    let batch: (mean: Tensor, variance: Tensor)
  }

  /// Weight of a batch in the running statistics.
  private static let momentum: Float = 0.1
  /// Added to the variance.
  private static let epsilon: Float = 1e-5

  private let scope: LayerScope
  private let weight: Tensor
  private let bias: Tensor
  private let mean: Tensor
  private let variance: Tensor

  package init(_ weights: ModelWeights, channels: Int) throws {
    scope = weights.scope
    weight = try weights.tensor("weight", [channels])
    bias = try weights.tensor("bias", [channels])
    mean = try weights.tensor("running_mean", [channels])
    variance = try weights.tensor("running_var", [channels])
  }

  /// [N,H,W,C], each channel with the running mean and variance taken out, then scaled and shifted.
  package func callAsFunction(_ x: Tensor) -> Tensor {
    scope { (x - mean) / (variance + Self.epsilon).squareRoot() * weight + bias }
  }

  /// The same with the mean and the biased variance of this batch, through which gradients pass.
  package func training(_ x: Tensor) -> (output: Tensor, statistics: Statistics) {
    var batch: (mean: Tensor, variance: Tensor)?
    let output = scope {
      let (output, mean, variance) = x.batchNorm(
        weight: weight, bias: bias, epsilon: Self.epsilon)
      let count = Float(x.type.elementCount / x.shape[3])
      batch = (mean.detached(), variance.detached() * (count / max(count - 1, 1)))
      return output
    }
    return (output, Statistics(running: (mean, variance), batch: batch!))
  }

  /// Lets the running statistics of a layer take up those of `batches`, one after the other, when a
  /// step ends, as PyTorch's do.
  package static func update(with batches: [Statistics]) {
    guard let running = batches.first?.running else { return }
    let graph = running.mean.graph
    func moved(_ running: Tensor, _ value: Tensor) -> Tensor {
      running + (value - running) * momentum
    }
    graph.update(running.mean, to: batches.map(\.batch.mean).reduce(running.mean, moved))
    graph.update(
      running.variance, to: batches.map(\.batch.variance).reduce(running.variance, moved))
  }
}
