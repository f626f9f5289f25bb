import TensorGraph

/// Features of pictures at several depths, for distances between them: EfficientNet-Lite0 up to its
/// stride of 16.
///
/// Inverted residual blocks without squeeze-and-excitation, activated by ReLU6 (Tan and Le,
/// "EfficientNet", 2019; `tpu/models/official/efficientnet/lite`). Batch normalisation is part of
/// each convolution. The names of its weights are those of the port `efficientnet-lite-pytorch`.
public struct PerceptualNetwork {
  /// Channels of every tap of ``features(_:)``.
  public static let tapChannels = [96, 144, 240, 672]

  private let stem: SameConvolution
  private let blocks: [InvertedResidual]
  private let expansion: Convolution

  /// The network of `checkpoint`, its weights as constants of `graph`.
  package init(_ checkpoint: PerceptualCheckpoint, in graph: Graph) throws {
    try self.init(ModelWeights(checkpoint.weights, in: graph))
  }

  /// - Throws: ``WeightError`` for a tensor that is missing or has another shape, with its name.
  package init(_ weights: ModelWeights) throws {
    stem = try SameConvolution(weights["_conv_stem"], from: 3, to: 32, kernel: 3, stride: 2)
    var blocks: [InvertedResidual] = []
    var inputs = 32
    for stage in Self.stages {
      for index in 0..<stage.blocks {
        blocks.append(
          try InvertedResidual(
            weights["_blocks"][blocks.count], from: inputs, through: inputs * stage.expansion,
            to: stage.outputs, kernel: stage.kernel, stride: index == 0 ? stage.stride : 1))
        inputs = stage.outputs
      }
    }
    self.blocks = blocks
    expansion = try Convolution(
      weights["_blocks"][blocks.count]["_expand_conv"], from: inputs, to: 6 * inputs, kernel: 1)
  }

  private static let stages = [
    (blocks: 1, kernel: 3, stride: 1, expansion: 1, outputs: 16),
    (blocks: 2, kernel: 3, stride: 2, expansion: 6, outputs: 24),
    (blocks: 2, kernel: 5, stride: 2, expansion: 6, outputs: 40),
    (blocks: 3, kernel: 3, stride: 2, expansion: 6, outputs: 80),
    (blocks: 3, kernel: 5, stride: 1, expansion: 6, outputs: 112),
  ]

  /// The last activation before every stride: [N,H/2,W/2,96], [N,H/4,W/4,144], [N,H/8,W/8,240] and
  /// [N,H/16,W/16,672], sides rounded up, values 0…6.
  /// - Parameter pictures: [N,H,W,3] in 0…255, less 127, by 128; see ``normalized(_:from:)``.
  public func features(_ pictures: Tensor) -> [Tensor] {
    var taps: [Tensor] = []
    var h = stem(pictures).relu6()
    for block in blocks {
      let expanded = block.expanded(h)
      if block.stride == 2 { taps.append(expanded) }
      h = block.projected(expanded, residual: h)
    }
    return taps + [expansion(h).relu6()]
  }

  /// Pictures as ``features(_:)`` takes them.
  /// - Parameter pictures: [N,H,W,3] in `range`.
  public func normalized(_ pictures: Tensor, from range: PixelRange) -> Tensor {
    switch range {
    case .zeroToOne: pictures * (255 / 128) - 127 / 128
    case .minusOneToOne: pictures * (127.5 / 128) + 0.5 / 128
    }
  }
}

/// Values of black and white.
public enum PixelRange: Sendable {
  case zeroToOne, minusOneToOne
}

/// A convolution to more channels, one of each channel, and one to `outputs` channels, which has no
/// activation; around them the input is added where its shape allows it. `MBConvBlock` of the port.
private struct InvertedResidual {
  private let scope: LayerScope
  let stride: Int
  private let expand: Convolution?
  private let depthwise: SameConvolution
  private let project: Convolution
  private let isResidual: Bool

  init(
    _ weights: ModelWeights, from inputs: Int, through width: Int, to outputs: Int, kernel: Int,
    stride: Int
  ) throws {
    scope = weights.scope
    self.stride = stride
    expand = width == inputs
      ? nil : try Convolution(weights["_expand_conv"], from: inputs, to: width, kernel: 1)
    depthwise = try SameConvolution(
      weights["_depthwise_conv"], channels: width, kernel: kernel, stride: stride)
    project = try Convolution(weights["_project_conv"], from: width, to: outputs, kernel: 1)
    isResidual = stride == 1 && inputs == outputs
  }

  /// [N,H,W,C] → [N,H,W,width].
  func expanded(_ x: Tensor) -> Tensor { scope { expand.map { $0(x).relu6() } ?? x } }

  /// [N,H,W,width] → [N,P,Q,K].
  func projected(_ expanded: Tensor, residual x: Tensor) -> Tensor {
    scope {
      let y = project(depthwise(expanded).relu6())
      return isResidual ? y + x : y
    }
  }
}

/// A convolution with zeros around the image as TensorFlow's `SAME` adds them: as many as make the
/// output's side that of the image divided by the stride, rounded up, the odd one after the image.
private struct SameConvolution {
  private let scope: LayerScope
  private let weight: Tensor
  private let bias: Tensor
  private let kernel: Int
  private let stride: Int
  private let isDepthwise: Bool

  init(
    _ weights: ModelWeights, from inputs: Int, to outputs: Int, kernel: Int, stride: Int
  ) throws {
    scope = weights.scope
    let stored = try weights.tensor("weight", [outputs, inputs, kernel, kernel])
    weight = stored.permuted([2, 3, 1, 0])
    bias = try weights.tensor("bias", [outputs])
    (self.kernel, self.stride, isDepthwise) = (kernel, stride, false)
  }

  /// One of every channel.
  init(_ weights: ModelWeights, channels: Int, kernel: Int, stride: Int) throws {
    scope = weights.scope
    let stored = try weights.tensor("weight", [channels, 1, kernel, kernel])
    weight = stored.reshaped([channels, kernel, kernel]).permuted([1, 2, 0])
    bias = try weights.tensor("bias", [channels])
    (self.kernel, self.stride, isDepthwise) = (kernel, stride, true)
  }

  /// [N,H,W,C] → [N,⌈H/stride⌉,⌈W/stride⌉,K].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let (vertical, horizontal) = (zeros(around: x.shape[1]), zeros(around: x.shape[2]))
    let padding = Padding(
      top: vertical / 2, bottom: vertical - vertical / 2, left: horizontal / 2,
      right: horizontal - horizontal / 2)
    return scope {
      let y = isDepthwise
        ? x.depthwiseConv2d(weight, stride: stride, padding: padding)
        : x.conv2d(weight, stride: stride, padding: padding)
      return y + bias
    }
  }

  private func zeros(around extent: Int) -> Int {
    let outputs = (extent + stride - 1) / stride
    return max((outputs - 1) * stride + kernel - extent, 0)
  }
}

extension Tensor {
  /// Clamps to 0…6; no gradient outside.
  fileprivate func relu6() -> Tensor { relu().minimum(fullLike(6)) }
}
