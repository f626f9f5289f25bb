import TensorGraph

/// ``Moments`` or ``StandardizeGradientMeans`` of groups that are not contiguous, such as the
/// channels of a batch: chunks of positions are shared out over the cores, each for all channels,
/// so that memory is read in its order; then their results are merged, in the order of the chunks.
package final class ColumnStatistics: HostPrimitive {
  private let layout: GroupLayout
  /// Added to the variance; nil for the means of a gradient.
  private let epsilon: Float?
  private let chunk: Int
  private let chunks: Int

  /// Nil unless `op` is one of them, over enough positions.
  package init?(_ op: any Op) {
    switch op {
    case let op as Moments: (layout, epsilon) = (op.layout, op.epsilon)
    case let op as StandardizeGradientMeans: (layout, epsilon) = (op.layout, nil)
    default: return nil
    }
    // At most 64 chunks, each of whole runs.
    chunk = (layout.positions / 64 / Moments.run + 1) * Moments.run
    chunks = (layout.positions + chunk - 1) / chunk
    guard !layout.isContiguous, chunks > 1 else { return nil }
  }

  package func run(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>) {
    let channels = layout.channels
    ScratchPool.withScratch(2 * layout.samples * chunks * channels) { parts in
      WorkerPool.run(layout.samples * chunks) { units in
        ScratchPool.withScratch(2 * channels) { room in
          for unit in units { reduce(unit, inputs, into: parts + 2 * unit * channels, room: room) }
        }
      }
      WorkerPool.run(layout.samples * layout.groups) { groups in
        for group in groups {
          if let epsilon {
            mergeMoments(group, parts, epsilon, output)
          } else {
            mergeMeans(group, parts, inputs[2], output)
          }
        }
      }
    }
  }

  /// Two statistics of every channel over one chunk of positions.
  private func reduce(
    _ unit: Int, _ inputs: [HostTensor<Float>], into part: UnsafeMutablePointer<Float>,
    room: UnsafeMutablePointer<Float>
  ) {
    let channels = layout.channels
    let (sample, first) = (unit / chunks, unit % chunks * chunk)
    let count = min(chunk, layout.positions - first)
    let start = (sample * layout.positions + first) * channels
    if epsilon != nil {
      Moments.accumulate(
        inputs[0].pointer + start, stride: channels, count: count, width: channels, means: part,
        squares: part + channels, room: room)
    } else {
      let moments = inputs[2].pointer + sample * layout.groups
      for c in 0..<channels { room[c] = moments[c / layout.depth] }
      Float.sumProducts(
        inputs[0].pointer + start, inputs[1].pointer + start, means: room, stride: channels,
        count: count, width: channels, sums: part, products: part + channels)
    }
  }

  /// Calls `body` with the place of every channel of a group in every chunk, and the positions there.
  private func forEachPart(of group: Int, _ body: (Int, Float) -> Void) {
    let channels = layout.channels
    let (sample, first) = (group / layout.groups, group % layout.groups * layout.depth)
    for chunk in 0..<chunks {
      let count = Float(min(self.chunk, layout.positions - chunk * self.chunk))
      let part = 2 * (sample * chunks + chunk) * channels
      for c in first..<first + layout.depth { body(part + c, count) }
    }
  }

  private func mergeMoments(
    _ group: Int, _ parts: UnsafeMutablePointer<Float>, _ epsilon: Float,
    _ output: HostTensor<Float>
  ) {
    var (mean, square, total): (Float, Float, Float) = (0, 0, 0)
    forEachPart(of: group) { place, count in
      let step = parts[place] - mean
      let share = count / (total + count)
      square += parts[place + layout.channels] + step * step * total * share
      mean += step * share
      total += count
    }
    output[group] = mean
    output[layout.samples * layout.groups + group] =
      1 / (square / Float(layout.groupSize) + epsilon).squareRoot()
  }

  private func mergeMeans(
    _ group: Int, _ parts: UnsafeMutablePointer<Float>, _ moments: HostTensor<Float>,
    _ output: HostTensor<Float>
  ) {
    var (sum, product): (Float, Float) = (0, 0)
    forEachPart(of: group) { place, _ in
      sum += parts[place]
      product += parts[place + layout.channels]
    }
    let statistics = layout.samples * layout.groups
    output[group] = sum / Float(layout.groupSize)
    output[statistics + group] = product * moments[statistics + group] / Float(layout.groupSize)
  }
}
