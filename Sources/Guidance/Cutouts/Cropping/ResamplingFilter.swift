import TensorGraph

/// A filter that resamples one axis of a picture: a window of weights a sample.
package protocol ResamplingFilter: Sendable {
  /// Weights of the pixels of an axis in samples that divide a stretch of it evenly.
  /// - Parameters:
  ///   - start: begin of the stretch in pixels, [n,1,1].
  ///   - length: of the stretch in pixels, [n,1,1], above 0.
  ///   - count: samples.
  ///   - extent: pixels of the axis.
  /// - Returns: [n,count,extent].
  func windows(start: Tensor, length: Tensor, count: Int, extent: Int) -> Tensor
}

extension ResamplingFilter {
  /// The numbers 0..<count as [1,count,1], for samples, in a graph.
  func samples(_ count: Int, _ graph: Graph) -> Tensor {
    graph.literal((0..<count).map(Float.init), [1, count, 1])
  }

  /// The numbers 0..<extent as [1,1,extent], for pixels, in a graph.
  func pixels(_ extent: Int, _ graph: Graph) -> Tensor {
    graph.literal((0..<extent).map(Float.init), [1, 1, extent])
  }
}

/// Cubic convolution whose support grows with the reduction, so that shrinking does not alias.
///
/// Keys, "Cubic convolution interpolation for digital image processing" (1981), a = −½; support and
/// normalisation are those of Pillow's `BICUBIC`, by which CLIP's own pictures are made.
package struct AntialiasedBicubic: ResamplingFilter {
  /// True if weights add up to the share of a sample's stretch that lies in the picture, so that samples
  /// beside it are black; else they add up to 1.
  package var coversOutside = false

  package init(coversOutside: Bool = false) { self.coversOutside = coversOutside }

  package func windows(start: Tensor, length: Tensor, count: Int, extent: Int) -> Tensor {
    let graph = start.graph
    let step = length * (1 / Float(count))
    let scale = step.maximum(step.fullLike(1))
    let centers = start + (samples(count, graph) + 0.5) * step
    let distance = ((pixels(extent, graph) + 0.5 - centers) / scale).absolute()
    // Keys' two cubics as powers of the distances to their ends.
    let outer = (2 - distance).relu()
    let inner = (1 - distance).relu()
    let weights = 0.5 * outer * outer * (outer - 1) + inner * inner * (1 - 2 * inner)
    let sum = weights.sum(axes: [2])
    guard coversOutside else { return weights / sum }
    let end = (centers + 0.5 * scale).minimum(centers.fullLike(Float(extent)))
    let begin = (centers - 0.5 * scale).relu()
    let coverage = ((end - begin) / scale).relu()
    // No sample that is covered at all has a sum near 0.
    return weights * (coverage / sum.maximum(sum.fullLike(0.02)))
  }
}
