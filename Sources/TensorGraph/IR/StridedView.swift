/// How the elements of a tensor are found from the linear index of another: an affine map.
///
/// Element `i`, whose coordinates over `extents` are `x`, reads `offset + Σ xₖ·strides[k]`.
/// Broadcasts, permutations, slices and flips are of this form, so they cost nothing where the
/// reader is a pointwise kernel.
package struct StridedView: Hashable, Sendable {
  package private(set) var extents: [Int]
  package private(set) var strides: [Int]
  package let offset: Int

  /// Drops axes of extent 1 and merges neighbours that one stride walks.
  package init(extents: [Int], strides: [Int], offset: Int = 0) {
    var merged: [(extent: Int, stride: Int)] = []
    for (extent, stride) in zip(extents, strides) where extent != 1 {
      if let last = merged.last, last.stride == stride * extent {
        merged[merged.count - 1] = (last.extent * extent, stride)
      } else {
        merged.append((extent, stride))
      }
    }
    self.extents = merged.map(\.extent)
    self.strides = merged.map(\.stride)
    self.offset = offset
  }

  /// Every element in order.
  package static func identity(_ count: Int) -> StridedView { StridedView(extents: [count], strides: [1]) }

  package var count: Int { extents.elementCount }
  package var isIdentity: Bool { offset == 0 && (strides == [1] || extents.isEmpty) }

  /// The map that goes through `self` into a tensor that is itself `inner` of a third, or nil
  /// where the two together are not affine.
  package func composed(with inner: StridedView) -> StridedView? {
    if isIdentity, count == inner.count { return inner }
    if inner.isIdentity { return self }
    let innerRowMajor = inner.extents.rowMajorStrides
    guard let start = coordinates(offset, over: inner.extents, innerRowMajor) else { return nil }
    let origin = inner.offset + zip(start, inner.strides).map(*).reduce(0, +)
    var composed: [(extent: Int, stride: Int)] = []
    var (high, low) = (start, start)
    var pending = Array(zip(extents, strides))
    while let (extent, stride) = pending.popLast() {
      if stride == 0 {
        composed.append((extent, 0))
        continue
      }
      let axis = innerRowMajor.indices.first {
        abs(stride) >= innerRowMajor[$0] && stride % innerRowMajor[$0] == 0
      }
      guard let axis else { return nil }
      // A walk through several of the inner axes is a walk along each.
      let length = inner.extents[axis]
      if stride == innerRowMajor[axis], start[axis] == 0, extent > length, extent % length == 0 {
        pending += [(extent / length, stride * length), (length, stride)]
        continue
      }
      let steps = stride / innerRowMajor[axis]
      if steps > 0 { high[axis] += steps * (extent - 1) } else { low[axis] += steps * (extent - 1) }
      composed.append((extent, steps * inner.strides[axis]))
    }
    for axis in inner.extents.indices where high[axis] >= inner.extents[axis] || low[axis] < 0 {
      return nil
    }
    composed.reverse()
    return StridedView(
      extents: composed.map(\.extent), strides: composed.map(\.stride), offset: origin)
  }

  private func coordinates(_ index: Int, over extents: [Int], _ rowMajor: [Int]) -> [Int]? {
    guard index >= 0, index < Swift.max(extents.elementCount, 1) else { return nil }
    return zip(extents, rowMajor).map { index / $1 % $0 }
  }

  /// Copies elements `range` of the view of `source` to `destination`.
  package func gather<S: HostScalar>(
    _ source: UnsafePointer<S>, _ range: Range<Int>, into destination: UnsafeMutablePointer<S>
  ) {
    if isIdentity {
      destination.update(from: source + range.lowerBound, count: range.count)
      return
    }
    guard let inner = extents.last else {
      destination.update(repeating: source[offset], count: range.count)
      return
    }
    let step = strides[strides.count - 1]
    let outer = extents.count - 1
    // A transposition: neighbours in memory lie in different rows, so rows are copied together.
    let isSteep = outer > 0 && abs(step) > abs(strides[outer - 1]) && strides[outer - 1] != 0
    // An odometer over all axes but the last, each with its coordinate and where it has got to.
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(outer, 1)) { coordinates in
      var rest = range.lowerBound / inner
      var row = offset
      for axis in stride(from: outer - 1, through: 0, by: -1) {
        coordinates[axis] = rest % extents[axis]
        row += coordinates[axis] * strides[axis]
        rest /= extents[axis]
      }
      var column = range.lowerBound % inner
      var target = destination
      var left = range.count
      while left > 0 {
        var rows = 1
        let run = min(inner - column, left)
        let origin = source + (row + column * step)
        switch step {
        case 0: target.update(repeating: origin[0], count: run)
        case 1: for k in 0..<run { target[k] = origin[k] }
        case _ where isSteep && run == inner:
          rows = min(extents[outer - 1] - coordinates[outer - 1], left / inner)
          for block in stride(from: 0, to: inner, by: 64) {
            for number in 0..<rows {
              let (origin, target) = (origin + number * strides[outer - 1], target + number * inner)
              for k in block..<min(block + 64, inner) { target[k] = origin[k * step] }
            }
          }
          coordinates[outer - 1] += rows - 1
          row += (rows - 1) * strides[outer - 1]
        default: for k in 0..<run { target[k] = origin[k * step] }
        }
        target += rows == 1 ? run : rows * inner
        left -= rows == 1 ? run : rows * inner
        column = 0
        for axis in stride(from: outer - 1, through: 0, by: -1) {
          coordinates[axis] += 1
          row += strides[axis]
          if coordinates[axis] < extents[axis] { break }
          row -= strides[axis] * extents[axis]
          coordinates[axis] = 0
        }
      }
    }
  }
}
