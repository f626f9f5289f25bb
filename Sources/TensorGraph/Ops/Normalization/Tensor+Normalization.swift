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

  private func standardized(_ layout: GroupLayout, _ epsilon: Float) -> Tensor {
    let op = Moments(layout: layout, epsilon: epsilon)
    let moments = graph.apply(op, [self])
    let operands = (0..<2).map { layout.spread(moments, $0, to: shape) }
    return graph.apply(Standardize(moments: op), [self] + operands)
  }
}
