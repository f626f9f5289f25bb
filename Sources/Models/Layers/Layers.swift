import TensorGraph

/// A convolution of channels-last images: `weight` [K,C,R,S] and `bias` [K] in the original.
package struct Convolution {
  private let scope: LayerScope
  private let weight: Tensor
  private let bias: Tensor?
  private let stride: Int
  private let padding: Padding

  package init(
    _ weights: ModelWeights, from inputs: Int, to outputs: Int, kernel: Int, stride: Int = 1,
    padding: Padding? = nil, hasBias: Bool = true
  ) throws {
    scope = weights.scope
    let stored = try weights.tensor("weight", [outputs, inputs, kernel, kernel])
    weight = stored.permuted([2, 3, 1, 0])
    bias = hasBias ? try weights.tensor("bias", [outputs]) : nil
    self.stride = stride
    self.padding = padding ?? Padding(all: kernel / 2)
  }

  /// A convolution without bias and the batch normalisation after it as one: at inference the
  /// latter scales and shifts each channel, which weight and bias take in.
  ///
  /// - Parameter norm: `weight`, `bias`, `running_mean` and `running_var` [K] in the original.
  package init(
    _ weights: ModelWeights, normalizedBy norm: ModelWeights, from inputs: Int, to outputs: Int,
    kernel: Int, stride: Int = 1
  ) throws {
    scope = weights.scope
    let variance = try norm.tensor("running_var", [outputs])
    let scale = try norm.tensor("weight", [outputs]) / (variance + 1e-5).squareRoot()
    let stored = try weights.tensor("weight", [outputs, inputs, kernel, kernel])
    weight = stored.permuted([2, 3, 1, 0]) * scale
    bias = try norm.tensor("bias", [outputs]) - norm.tensor("running_mean", [outputs]) * scale
    self.stride = stride
    padding = Padding(all: kernel / 2)
  }

  /// [N,H,W,C] → [N,P,Q,K].
  package func callAsFunction(_ x: Tensor) -> Tensor {
    scope {
      let y = x.conv2d(weight, stride: stride, padding: padding)
      return bias.map { y + $0 } ?? y
    }
  }
}

/// x·Wᵀ + b: `weight` [out,in] and `bias` [out] in the original.
package struct Linear {
  private let scope: LayerScope
  private let weight: Tensor
  private let bias: Tensor

  package init(
    _ weights: ModelWeights, from inputs: Int, to outputs: Int, weight: String = "weight",
    bias: String = "bias"
  ) throws {
    self.init(
      weights.scope, weight: try weights.tensor(weight, [outputs, inputs]),
      bias: try weights.tensor(bias, [outputs]))
  }

  private init(_ scope: LayerScope, weight: Tensor, bias: Tensor) {
    self.scope = scope
    self.weight = weight
    self.bias = bias
  }

  /// The layer's outputs shared out evenly to `count` layers.
  package func split(_ count: Int) -> [Linear] {
    let size = weight.shape[0] / count
    return (0..<count).map {
      let part = $0 * size..<($0 + 1) * size
      return Linear(
        scope, weight: weight.sliced(axis: 0, part), bias: bias.sliced(axis: 0, part))
    }
  }

  /// [...,in] → [...,out].
  package func callAsFunction(_ x: Tensor) -> Tensor {
    scope { x.linear(weight: weight, bias: bias) }
  }
}

/// Group normalisation of channels-last images: `weight` and `bias` [C] in the original.
package struct GroupNorm {
  private let scope: LayerScope
  private let weight: Tensor
  private let bias: Tensor
  private let groups: Int

  package init(_ weights: ModelWeights, channels: Int, groups: Int) throws {
    scope = weights.scope
    weight = try weights.tensor("weight", [channels])
    bias = try weights.tensor("bias", [channels])
    self.groups = groups
  }

  /// [N,H,W,C], each sample and group with mean 0 and variance 1, then scaled and shifted.
  package func callAsFunction(_ x: Tensor) -> Tensor {
    scope { x.groupNorm(groups: groups, weight: weight, bias: bias, epsilon: 1e-6) }
  }
}

/// Normalisation over the last axis: `weight` and `bias` [C] in the original.
package struct LayerNorm {
  /// Added to the variance.
  static let epsilon = 1e-5

  private let scope: LayerScope
  private let weight: Tensor
  private let bias: Tensor

  package init(_ weights: ModelWeights, width: Int) throws {
    scope = weights.scope
    weight = try weights.tensor("weight", [width])
    bias = try weights.tensor("bias", [width])
  }

  package func callAsFunction(_ x: Tensor) -> Tensor {
    scope { x.layerNorm(weight: weight, bias: bias, epsilon: Float(Self.epsilon)) }
  }
}
