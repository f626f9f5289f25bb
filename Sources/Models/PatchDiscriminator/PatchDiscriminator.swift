import TensorGraph

/// Sizes of a patch discriminator.
public struct PatchDiscriminatorConfiguration: Hashable, Sendable, Codable {
  /// Convolutions of stride 2, 1 to 6; each doubles what a verdict sees.
  public var layers: Int
  /// Channels after the first of them.
  public var baseChannels: Int

  public init(layers: Int = 3, baseChannels: Int = 64) {
    (self.layers, self.baseChannels) = (layers, baseChannels)
  }

  /// Pixels along each side of the patch that one verdict sees: 70 for three layers.
  public var receptiveField: Int {
    var field = 1
    for stride in [1, 1] + Array(repeating: 2, count: layers) { field = (field - 1) * stride + 4 }
    return field
  }
}

/// A network that says patch by patch whether a picture is real: large numbers for real ones.
///
/// Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks" (CVPR 2017);
/// `NLayerDiscriminator` of taming-transformers, whose names its weights have.
package struct PatchDiscriminator {
  private let first: Convolution
  private let blocks: [(convolution: Convolution, norm: BatchNorm)]
  private let last: Convolution

  package init(_ c: PatchDiscriminatorConfiguration, _ weights: ModelWeights) throws {
    func convolution(_ index: Int, _ inputs: Int, _ outputs: Int, stride: Int, hasBias: Bool)
      throws -> Convolution
    {
      try Convolution(
        weights["main"][index], from: inputs, to: outputs, kernel: 4, stride: stride,
        padding: Padding(all: 1), hasBias: hasBias)
    }
    first = try convolution(0, 3, c.baseChannels, stride: 2, hasBias: true)
    var channels = c.baseChannels
    blocks = try (1...c.layers).map { layer in
      let outputs = c.baseChannels * min(1 << layer, 8)
      defer { channels = outputs }
      let index = 3 * layer - 1
      return (
        try convolution(
          index, channels, outputs, stride: layer == c.layers ? 1 : 2, hasBias: false),
        try BatchNorm(weights["main"][index + 1], channels: outputs)
      )
    }
    last = try convolution(3 * c.layers + 2, channels, 1, stride: 1, hasBias: true)
  }

  /// Pictures [N,H,W,3] in -1…1 → verdicts [N,h,w,1] by the running statistics, as after training.
  package func callAsFunction(_ pictures: Tensor) -> Tensor {
    last(blocks.reduce(first(pictures).leakyReLU(slope: 0.2)) { x, block in
      block.norm(block.convolution(x)).leakyReLU(slope: 0.2)
    })
  }

  /// The same by the statistics of this batch, as in training.
  /// - Returns: the verdicts, and the statistics of every layer.
  package func training(
    _ pictures: Tensor
  ) -> (verdicts: Tensor, statistics: [BatchNorm.Statistics]) {
    var all: [BatchNorm.Statistics] = []
    let features = blocks.reduce(first(pictures).leakyReLU(slope: 0.2)) { x, block in
      let (y, statistics) = block.norm.training(block.convolution(x))
      all.append(statistics)
      return y.leakyReLU(slope: 0.2)
    }
    return (last(features), all)
  }
}
