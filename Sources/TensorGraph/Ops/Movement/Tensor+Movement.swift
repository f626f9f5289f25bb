extension Tensor {
  /// The same elements as `shape`; one extent may be -1 and is then worked out.
  public func reshaped(_ shape: Shape, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    graph.at(file, line) {
      var shape = shape
      if let free = shape.firstIndex(of: -1) {
        shape[free] = 1
        shape[free] = type.elementCount / Swift.max(shape.elementCount, 1)
      }
      if shape == self.shape { return self }
      // A reshape of a reshape is one reshape.
      let source = op is Reshape ? Tensor(graph: graph, id: graph.nodes[id].inputs[0]) : self
      return source.shape == shape ? source : graph.apply(Reshape(shape: shape), [source])
    }
  }

  /// Repeats along axes of extent 1 and new leading axes until the shape is `shape`.
  public func broadcast(
    to shape: Shape, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      shape == self.shape ? self : graph.apply(Broadcast(shape: shape), [self])
    }
  }

  /// Axis k of the result is axis `order[k]` of this.
  public func permuted(_ order: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    graph.at(file, line) {
      order == Array(order.indices) ? self : graph.apply(Permute(order: order), [self])
    }
  }

  /// A range of one axis.
  public func sliced(
    axis: Int, _ range: Range<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      if shape.indices.contains(axis), range == 0..<shape[axis] { return self }
      return graph.apply(Slice(axis: axis, start: range.lowerBound, end: range.upperBound), [self])
    }
  }

  /// One axis in reverse order.
  public func flipped(axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    graph.at(file, line) { graph.apply(Flip(axis: axis), [self]) }
  }

  /// Zeros before and after along one axis.
  public func padded(
    axis: Int, before: Int, after: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      if before == 0 && after == 0 { return self }
      return graph.apply(Pad(axis: axis, before: before, after: after), [self])
    }
  }

  /// This followed by `other` along `axis`: the sum of both, each padded with zeros.
  public func concatenated(
    with other: Tensor, axis: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      padded(axis: axis, before: 0, after: other.shape[axis])
        + other.padded(axis: axis, before: shape[axis], after: 0)
    }
  }

  /// Every pixel of [N,H,W,C] repeated `factor` times along both sides: [N,H·factor,W·factor,C].
  public func upsampledNearest(
    _ factor: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    graph.at(file, line) {
      let (n, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
      return reshaped([n, h, 1, w, 1, c])
        .broadcast(to: [n, h, factor, w, factor, c])
        .reshaped([n, h * factor, w * factor, c])
    }
  }
}
