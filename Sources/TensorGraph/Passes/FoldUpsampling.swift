/// Computes a 3×3 convolution of an image enlarged twice by repeating pixels, and its gradient to
/// the image, as one convolution by 4×4 taps of the small image; see
/// ``Tensor/upsampledConv2d(_:file:line:)``.
package enum FoldUpsampling: Pass {
  package static func run(_ trace: Trace) -> Trace {
    let consumers = trace.consumers
    return trace.rewritten { id, builder, new in
      let node = trace.nodes[id]
      if let op = node.op as? Conv2D, op.geometry == padded, let image = small(node.inputs[0]),
        trace.nodes[node.inputs[1]].type.shape.starts(with: [3, 3])
      {
        return .node(
          builder.build { graph in
            Tensor(graph: graph, id: new(image))
              .upsampledConv2d(Tensor(graph: graph, id: new(node.inputs[1])))
          })
      }
      if let (gradient, weight) = pooledGradient(id) {
        let (k, image) = (trace.nodes[gradient].type.shape, node.type.shape)
        return .node(
          builder.build { graph in
            let sums = Tensor(graph: graph, id: new(weight)).upsampledTaps()
            let adjoint = Conv2D.upsampled.adjoint(
              image: [image[0], image[1], image[3], image[5]], kernel: sums.shape, output: k)
            let flipped = sums.flipped(axis: 0).flipped(axis: 1).permuted([0, 1, 3, 2])
            return graph.apply(Conv2D(adjoint), [Tensor(graph: graph, id: new(gradient)), flipped])
              .reshaped(image)
          })
      }
      return .kept
    }.cleaned()

    /// The image [N,H,W,C] that node `id` [N,2H,2W,C] is ``Tensor/upsampledNearest(_:file:line:)``.
    func small(_ id: Int) -> Int? {
      let (n, h, w, c) = extents(trace.nodes[id].type.shape)
      guard trace.nodes[id].op is Reshape, h % 2 == 0, w % 2 == 0 else { return nil }
      let repeated = trace.nodes[trace.nodes[id].inputs[0]]
      guard repeated.op is Broadcast, repeated.type.shape == [n, h / 2, 2, w / 2, 2, c] else {
        return nil
      }
      let split = trace.nodes[repeated.inputs[0]]
      guard split.op is Reshape, split.type.shape == [n, h / 2, 1, w / 2, 1, c],
        trace.nodes[split.inputs[0]].type.shape == [n, h / 2, w / 2, c]
      else { return nil }
      return split.inputs[0]
    }

    /// Of a node [N,H,1,W,1,C] that sums 2×2 pixels of a convolution's gradient to its enlarged
    /// image, the gradient of the output and the weight; nil for other nodes.
    func pooledGradient(_ id: Int) -> (gradient: Int, weight: Int)? {
      let node = trace.nodes[id]
      guard node.op as? Reduce == Reduce(kind: .sum, firstAxis: 2, lastAxis: 2),
        case let rows = trace.nodes[node.inputs[0]],
        rows.op as? Reduce == Reduce(kind: .sum, firstAxis: 4, lastAxis: 4),
        case let pixels = trace.nodes[rows.inputs[0]], pixels.op is Reshape,
        pixels.type.shape.count == 6, pixels.type.shape[2] == 2, pixels.type.shape[4] == 2,
        case let convolution = trace.nodes[pixels.inputs[0]],
        let op = convolution.op as? Conv2D, op.geometry == padded,
        [node.inputs[0], rows.inputs[0], pixels.inputs[0]].allSatisfy({ consumers[$0].count == 1 }),
        let weight = trace.unflippedWeight(convolution.inputs[1]),
        trace.nodes[weight].type.shape.starts(with: [3, 3])
      else { return nil }
      let (shape, image) = (pixels.type.shape, convolution.type.shape)
      guard image == [shape[0], 2 * shape[1], 2 * shape[3], shape[5]] else { return nil }
      return (convolution.inputs[0], weight)
    }

    func extents(_ shape: Shape) -> (Int, Int, Int, Int) { (shape[0], shape[1], shape[2], shape[3]) }
  }

  /// Of 3×3 taps that keep the size of the image; its adjoint is the same.
  private static let padded = ConvolutionGeometry(
    stride: Sides(1, 1), padding: Padding(all: 1), dilation: Sides(1, 1))
}
