import TensorGraph

/// The mean of the pixels that fall into each sample, as PyTorch's `adaptive_avg_pool2d` takes it.
/// Boxes are whole pixels inside the picture.
package struct AdaptiveAverage: ResamplingFilter {
  package init() {}

  package func windows(start: Tensor, length: Tensor, count: Int, extent: Int) -> Tensor {
    let graph = start.graph
    let sample = samples(count, graph)
    // Ends are multiples of 1 / count: a third of that outweighs the division's rounding.
    let slack = 1 / Float(3 * count)
    let first = (sample * length / Float(count) + slack).floor()
    let end = -(slack - (sample + 1) * length / Float(count)).floor()
    let pixel = pixels(extent, graph) - start
    return pixel.greaterOrEqual(first - 0.5) * (end - 0.5).greaterOrEqual(pixel) / (end - first)
  }
}
