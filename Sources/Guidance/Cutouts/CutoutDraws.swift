import TensorGraph

/// The random numbers of one batch of cutouts: each part has draws of its own, so switching one off
/// leaves the others as they were.
package struct CutoutDraws {
  /// Each stream has sixteen purposes; a part keeps its own, so that pictures stay reproducible.
  package enum Part: UInt32 {
    case affine, perspective, flip, color, erasing, noiseDeviation, noise
  }

  let graph: Graph
  let count: Int
  let seed: UInt64
  /// The step's number, one element.
  let step: Tensor
  /// Sets batches of one step apart.
  let stream: UInt32

  private func purpose(_ part: Part) -> UInt32 {
    RandomPurpose.cutouts + 16 * stream + part.rawValue
  }

  package init(graph: Graph, count: Int, seed: UInt64, step: Tensor, stream: UInt32) {
    self.graph = graph
    self.count = count
    self.seed = seed
    self.step = step
    self.stream = stream
  }

  /// `columns` uniform numbers in [0, 1) a cutout: each [n,1].
  package func uniform(_ part: Part, columns: Int) -> [Tensor] {
    let shape = [count, columns]
    let draw = graph.randomUniform(shape, seed: seed, purpose: purpose(part), step: step)
    return (0..<columns).map { draw.sliced(axis: 1, $0..<$0 + 1) }
  }

  func normal(_ part: Part, _ shape: Shape) -> Tensor {
    graph.randomNormal(shape, seed: seed, purpose: purpose(part), step: step)
  }
}

extension Tensor {
  /// This number of [0, 1) spread evenly over `range`.
  func spread(over range: ClosedRange<Float>) -> Tensor {
    self * (range.upperBound - range.lowerBound) + range.lowerBound
  }

  /// This number of [0, 1) spread evenly over −radius…radius.
  func spread(around radius: Float) -> Tensor { spread(over: -radius...radius) }

  /// 1 where this number of [0, 1) is below `probability`, else 0.
  func isBelow(_ probability: Float) -> Tensor { 1 - greaterOrEqual(filled(probability)) }
}
