extension Tensor {
  /// Group normalisation of [N,H,W,C]: each sample and group of C/groups channels gets mean 0 and
  /// variance 1, then every channel its weight and bias.
  ///
  /// One pass reads the statistics; the rest is pointwise and fuses with an activation after it.
  /// (Wu and He, Group Normalization, 2018.)
  /// - Parameters:
  ///   - groups: a divisor of C.
  ///   - weight: [C].
  ///   - bias: [C].
  ///   - epsilon: added to the variance.
  public func groupNorm(
    groups: Int, weight: Tensor, bias: Tensor, epsilon: Float = 1e-6,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      let channels = shape.last ?? 0
      graph.check(
        shape.count == 4 && groups > 0 && channels % groups == 0, "groupNorm", [self],
        "\(groups) groups do not divide the channels of \(type)")
      let layout = GroupLayout(
        samples: shape[0], positions: shape[1] * shape[2], groups: groups, depth: channels / groups)
      return standardized(layout, epsilon) * weight + bias
    }
  }

  /// Layer normalisation over the last axis C, then a weight and bias for every channel.
  ///
  /// (Ba, Kiros and Hinton, Layer Normalization, 2016.)
  /// - Parameters:
  ///   - weight: [C].
  ///   - bias: [C].
  ///   - epsilon: added to the variance.
  public func layerNorm(
    weight: Tensor, bias: Tensor, epsilon: Float = 1e-5, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      graph.check(!shape.isEmpty, "layerNorm", [self], "a scalar has no last axis")
      let depth = shape[shape.count - 1]
      let layout = GroupLayout(
        samples: type.elementCount / depth, positions: 1, groups: 1, depth: depth)
      return standardized(layout, epsilon) * weight + bias
    }
  }

  /// Batch normalisation of [N,H,W,C] by the statistics of this batch: each channel gets mean 0 and
  /// variance 1 over all samples and positions, then its weight and bias.
  ///
  /// (Ioffe and Szegedy, Batch Normalization, 2015.)
  /// - Parameters:
  ///   - weight: [C].
  ///   - bias: [C].
  ///   - epsilon: added to the variance.
  /// - Returns: [N,H,W,C], and the mean and the biased variance of every channel, [C].
  public func batchNorm(
    weight: Tensor, bias: Tensor, epsilon: Float = 1e-5, file: StaticString = #fileID,
    line: UInt = #line
  ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    graph.at(file, line) {
      graph.check(shape.count == 4, "batchNorm", [self], "\(type) is not [N,H,W,C]")
      let channels = shape[3]
      // One sample of all positions, with a group for every channel.
      let layout = GroupLayout(
        samples: 1, positions: shape.dropLast().reduce(1, *), groups: channels, depth: 1)
      let output = standardized(layout, epsilon) * weight + bias
      let moments = graph.apply(Moments(layout: layout, epsilon: epsilon), [self])
      let statistics = (0..<2).map { moments.sliced(axis: 0, $0..<$0 + 1).reshaped([channels]) }
      return (output, statistics[0], 1 / (statistics[1] * statistics[1]) - epsilon)
    }
  }

  private func standardized(_ layout: GroupLayout, _ epsilon: Float) -> Tensor {
    let op = Moments(layout: layout, epsilon: epsilon)
    let moments = graph.apply(op, [self])
    let operands = (0..<2).map { layout.spread(moments, $0, to: shape) }
    return graph.apply(Standardize(moments: op), [self] + operands)
  }
}
