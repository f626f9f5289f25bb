import TensorGraph

/// How different pictures look: the mean squared difference of their normalised features.
///
/// Of every tap, features are divided by their norm over the channels (+ 1e-10); squared differences
/// are summed over the channels and averaged over the positions; the taps count alike. The form of
/// LPIPS without learned weights of the channels (Zhang et al., "The Unreasonable Effectiveness of
/// Deep Features as a Perceptual Metric", 2018). Differentiable with respect to both pictures.
public struct PerceptualDistance {
  private let network: PerceptualNetwork
  private let range: PixelRange

  /// - Parameter range: values of the pictures.
  /// - Throws: ``WeightError`` for a tensor that is missing or has another shape, with its name.
  public init(
    _ checkpoint: PerceptualCheckpoint, in graph: Graph, range: PixelRange = .zeroToOne
  ) throws {
    network = try PerceptualNetwork(checkpoint, in: graph)
    self.range = range
  }

  /// Distances [N] of the pictures `a` and `b` [N,H,W,3]: 0 for equal ones, at most 2.
  ///
  /// Sides are usually multiples of 16; others are padded with zeros at each stride.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    distance(from: features(a), to: features(b))
  }

  /// Normalised features of every tap, [N,h,w,C] each: for pictures compared more than once.
  /// - Parameter pictures: [N,H,W,3].
  public func features(_ pictures: Tensor) -> [Tensor] {
    pictures.graph.scope("perceptual") { () -> [Tensor] in
      network.features(network.normalized(pictures, from: range)).map(\.normalizedChannels)
    }
  }

  /// Distances [N] of pictures by what ``features(_:)`` made of them.
  public func distance(from a: [Tensor], to b: [Tensor]) -> Tensor {
    let distances = zip(a, b).map { a, b in
      let difference = a - b
      // Positions before channels: sums over neighbouring rows run in vectors.
      let sums = (difference * difference).sum(axes: [1, 2]).sum(axes: [3])
      return sums.reshaped([a.shape[0]]) * (1 / Float(a.shape[1] * a.shape[2]))
    }
    return distances.dropFirst().reduce(distances[0], +) * (1 / Float(distances.count))
  }
}

extension Tensor {
  /// [N,h,w,C] by its norm over the channels. The constant below the root, 1e-10 squared, keeps the
  /// gradient finite where all channels are 0.
  fileprivate var normalizedChannels: Tensor {
    let squares = (self * self).sum(axes: [3])
    return self / ((squares + 1e-20).squareRoot() + 1e-10)
  }
}
