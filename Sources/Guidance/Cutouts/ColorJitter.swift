import TensorGraph

extension CutoutConfiguration.ColorJitter {
  /// Weights of red, green and blue in the grey of a colour (ITU-R BT.601).
  private static let luma: [Float] = [0.299, 0.587, 0.114]

  /// `cutouts` [n,S,S,3] with saturation, hue, brightness and contrast changed, in this order.
  /// Values may leave 0…1, so that gradients do not vanish there.
  func apply(to cutouts: Tensor, _ draws: CutoutDraws) -> Tensor {
    guard probability > 0, [brightness, contrast, saturation, hue].contains(where: { $0 > 0 })
    else { return cutouts }
    let graph = cutouts.graph
    let uniform = draws.uniform(.color, columns: 5).map { $0.reshaped([draws.count, 1, 1, 1]) }
    let chosen = uniform[0].isBelow(probability)
    func change(_ column: Int, _ radius: Float) -> Tensor {
      chosen * uniform[column].spread(around: radius)
    }

    var result = cutouts
    if hue > 0 || saturation > 0 {
      let angle = hue > 0 ? change(4, hue) : nil
      let factor = saturation > 0 ? change(3, saturation) + 1 : nil
      let mixed = (0..<3).map { channel in
        let column = Self.column(channel, hue: angle, saturation: factor, graph)
        return result.sliced(axis: 3, channel..<channel + 1) * column
      }
      result = mixed[0] + mixed[1] + mixed[2]
    }
    if brightness > 0 { result = result * (change(1, brightness) + 1) }
    if contrast > 0 {
      let weights = graph.literal(Self.luma, [3])
      let grey = (result.mean(axes: [1, 2]) * weights).sum(axes: [3])
      result = grey + (result - grey) * (change(2, contrast) + 1)
    }
    return result
  }

  /// What one channel adds to all three, [n,1,1,3] or [3]: a column of the matrix that draws
  /// colours away from their grey, then turns them about the grey axis by Rodrigues' formula.
  private static func column(
    _ channel: Int, hue: Tensor?, saturation: Tensor?, _ graph: Graph
  ) -> Tensor {
    var column = graph.literal((0..<3).map { $0 == channel ? 1 : 0 }, [3])
    if let hue {
      // The column of the cross product with (1, 1, 1).
      let next = (channel + 1) % 3
      let cross = graph.literal((0..<3).map { $0 == channel ? 0 : $0 == next ? 1 : -1 }, [3])
      let cosine = hue.cosine()
      column = cosine * column + hue.sine() * cross * Float((1.0 / 3).squareRoot())
        + (1 - cosine) * (1.0 / 3)
    }
    if let saturation { column = saturation * column + (1 - saturation) * luma[channel] }
    return column
  }
}
