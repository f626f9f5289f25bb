/// How a normalisation sees a contiguous input: [N,S,G,D], with statistics over S and D for each
/// sample n and group g.
package struct GroupLayout: Hashable, Sendable {
  package let samples: Int
  package let positions: Int
  package let groups: Int
  package let depth: Int

  package init(samples: Int, positions: Int, groups: Int, depth: Int) {
    self.samples = samples
    self.positions = positions
    self.groups = groups
    self.depth = depth
  }

  /// Elements that one mean is taken of.
  package var groupSize: Int { positions * depth }
  /// Elements between neighbouring positions.
  package var channels: Int { groups * depth }
  package var shape: Shape { [samples, positions, groups, depth] }
  /// Shape of two statistics of every group.
  package var statistics: Shape { [2, samples, groups] }

  /// Whether the elements of every group lie next to each other.
  package var isContiguous: Bool { positions == 1 || groups == 1 }

  /// The same groups in the same order, as the host reads them: sums of a contiguous group run side
  /// by side, one a lane of a vector.
  package var inLanes: GroupLayout {
    let lanes = 16
    guard isContiguous, groupSize.isMultiple(of: lanes) else { return self }
    return GroupLayout(
      samples: samples * groups, positions: groupSize / lanes, groups: 1, depth: lanes)
  }

  /// Statistic `index` of each group, repeated over the group, in the shape of the input.
  package func spread(_ statistics: Tensor, _ index: Int, to shape: Shape) -> Tensor {
    statistics.sliced(axis: 0, index..<index + 1)
      .reshaped([samples, 1, groups, 1])
      .broadcast(to: self.shape)
      .reshaped(shape)
  }

  /// Calls `body` for each sample that `units`, which number groups within samples, touch, with
  /// the range of its groups among them.
  package func forEachSample(_ units: Range<Int>, _ body: (Int, Range<Int>) -> Void) {
    var unit = units.lowerBound
    while unit < units.upperBound {
      let first = unit % groups
      let last = min(groups, first + units.upperBound - unit)
      body(unit / groups, first..<last)
      unit += last - first
    }
  }
}

// MARK: - Kernels

extension GroupLayout {
  /// Longest contiguous group that one work-group reduces; longer ones are cut into chunks.
  private static let longestRow = 1 << 14

  /// Positions of a chunk: few enough that sums of a chunk stay accurate, so many that there are
  /// about a thousand chunks at most.
  package var chunk: Int { max(32, (positions + 1023) / 1024) }
  package var chunks: Int { (positions + chunk - 1) / chunk }

  /// The two ways to reduce groups on a device: `rows`, one work-group a contiguous group; and
  /// `columns`, which reduces every channel of a chunk of positions, then `combine`, which reduces
  /// those partial results.
  /// - Parameter inputs: what `rows` and `columns` read, before the output or the partial results.
  package func variants(
    rows: String, columns: String, combine: String, inputs: [KernelArgument],
    settings: [KernelArgument], fp16Inputs: Int
  ) -> [KernelVariant] {
    let storage = KernelVariant.Storage(fp16Inputs: fp16Inputs)
    return [
      KernelVariant(rows, storage: storage) { _ in
        isContiguous && groupSize <= Self.longestRow
      } plan: { context in
        let width = context.device.deviceClass == .cpu ? 16 : 4
        let local = context.rowLocal((groupSize + width - 1) / width)
        let count = samples * groups
        return KernelPlan([
          KernelLaunch(
            rows, defines: ["LOCAL": local, "WIDTH": width],
            arguments: inputs + [.output, .int(count), .int(groupSize)] + settings,
            global: [count * local], local: [local])
        ])
      },
      KernelVariant(columns, storage: storage) { context in
        let cpu = context.device.deviceClass == .cpu
        let width = cpu ? [16, 8, 4, 2].first { channels % $0 == 0 } ?? 1 : 1
        // A processor reads whole rows, as far as the sums fit in registers.
        let strips = cpu ? [8, 4, 2].first { channels % ($0 * width) == 0 } ?? 1 : 1
        let local = context.rowLocal(chunks * depth)
        return KernelPlan(
          [
            KernelLaunch(
              columns, defines: ["WIDTH": width, "STRIPS": strips],
              arguments: inputs + [
                .scratch(0), .int(samples), .int(positions), .int(groups), .int(depth),
                .int(chunk),
              ],
              global: [samples * chunks * (channels / (strips * width))],
              local: [cpu ? 1 : context.flatLocal]),
            KernelLaunch(
              combine, defines: ["LOCAL": local],
              arguments: [
                .scratch(0), .output, .int(samples), .int(positions), .int(groups), .int(depth),
                .int(chunk),
              ] + settings,
              global: [samples * groups * local], local: [local]),
          ],
          scratch: [2 * samples * chunks * channels * MemoryLayout<Float>.stride])
      },
    ]
  }
}
