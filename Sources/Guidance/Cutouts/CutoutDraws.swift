import TensorGraph

/// The random numbers of a batch of the cutouts of a step, the same in whatever batches they are
/// made: each part has draws of its own, so switching one off
/// leaves the others as they were.
package struct CutoutDraws {
  /// Each stream has sixteen purposes; a part keeps its own, so that pictures stay reproducible.
  package enum Part: UInt32 {
    case affine, perspective, flip, color, erasing, noiseDeviation, noise
    /// Of crops: their sizes, their places, the grey around the picture.
    case size, place, background
    /// Of one of the augmentations: a cutout's parameters, its pixels' values, what all cutouts share.
    case parameters, values, shared
  }

  let graph: Graph
  /// Cutouts of the step.
  let total: Int
  /// Those of them that are drawn for.
  let batch: Range<Int>
  let seed: UInt64
  /// The step's number, one element.
  let step: Tensor
  /// The first of sixteen purposes.
  private let firstPurpose: UInt32

  private func purpose(_ part: Part) -> UInt32 { firstPurpose + part.rawValue }

  /// - Parameter stream: sets several draws of one step apart.
  package init(
    graph: Graph, total: Int, batch: Range<Int>, seed: UInt64, step: Tensor, stream: UInt32
  ) {
    self.init(
      graph: graph, total: total, batch: batch, seed: seed, step: step,
      firstPurpose: RandomPurpose.cutouts + 16 * stream)
  }

  private init(
    graph: Graph, total: Int, batch: Range<Int>, seed: UInt64, step: Tensor, firstPurpose: UInt32
  ) {
    self.graph = graph
    self.total = total
    self.batch = batch
    self.seed = seed
    self.step = step
    self.firstPurpose = firstPurpose
  }

  /// The draws of those of the cutouts that are also in `range`; nil if there are none.
  func limited(to range: Range<Int>) -> CutoutDraws? {
    let common = batch.clamped(to: range)
    guard !common.isEmpty else { return nil }
    return CutoutDraws(
      graph: graph, total: total, batch: common, seed: seed, step: step,
      firstPurpose: firstPurpose)
  }

  /// The draws of the augmentation that is applied as number `index`: a list may have one twice.
  package func augmentation(_ index: Int) -> CutoutDraws {
    CutoutDraws(
      graph: graph, total: total, batch: batch, seed: seed, step: step,
      firstPurpose: firstPurpose + RandomPurpose.augmentations * UInt32(index + 1))
  }

  /// Cutouts that are drawn for.
  var count: Int { batch.count }

  /// `columns` uniform numbers in [0, 1) a cutout: each [n,1].
  package func uniform(_ part: Part, columns: Int) -> [Tensor] {
    let draw = graph.randomUniform(
      [total, columns], seed: seed, purpose: purpose(part), step: step)
    return (0..<columns).map {
      draw.sliced(axis: 1, $0..<$0 + 1).sliced(axis: 0, batch)
    }
  }

  /// `columns` uniform numbers in [0, 1) that all cutouts of the step share: each [1,1].
  func sharedUniform(columns: Int) -> [Tensor] {
    let draw = graph.randomUniform([1, columns], seed: seed, purpose: purpose(.shared), step: step)
    return (0..<columns).map { draw.sliced(axis: 1, $0..<$0 + 1) }
  }

  /// Uniform numbers in [0, 1) of `shape` a cutout: [n] and `shape`.
  func uniformValues(_ shape: Shape) -> Tensor {
    graph.randomUniform([total] + shape, seed: seed, purpose: purpose(.values), step: step)
      .sliced(axis: 0, batch)
  }

  /// Normal numbers of `shape` a cutout: [n] and `shape`.
  package func normal(_ part: Part, _ shape: Shape) -> Tensor {
    graph.randomNormal([total] + shape, seed: seed, purpose: purpose(part), step: step)
      .sliced(axis: 0, batch)
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
  func isBelow(_ probability: Float) -> Tensor { 1 - greaterOrEqual(fullLike(probability)) }
}
