/// Computes convolutions of patches, and their gradients, as matrix products: 1×1 kernels of stride
/// 1, and kernels as large as their stride, all without padding.
package enum PatchesAsProducts: Pass {
  package static func run(_ trace: Trace) -> Trace {
    trace.rewritten { id, builder, new in
      let node = trace.nodes[id]
      let shapes = node.inputs.map { trace.nodes[$0].type.shape }
      func operand(_ index: Int, _ graph: Graph) -> Tensor {
        Tensor(graph: graph, id: new(node.inputs[index]))
      }
      if let op = node.op as? Conv2D {
        // A gradient to a 1×1 kernel's image is such a convolution itself.
        if let weight = trace.unflippedWeight(node.inputs[1]),
          let patches = Patches(trace.nodes[weight].type.shape, image: node.type.shape),
          op.geometry
            == patches.geometry.adjoint(
              image: patches.image, kernel: patches.kernel, output: shapes[0])
        {
          return .node(
            builder.build { graph in
              let flat = Tensor(graph: graph, id: new(weight)).reshaped([-1, patches.outputs])
              let rows = operand(0, graph).reshaped([-1, patches.outputs])
              return patches.image(of: rows.matmul(flat, transposeB: true))
            })
        }
        if let patches = Patches(shapes[1], image: shapes[0]), op.geometry == patches.geometry {
          return .node(
            builder.build { graph in
              let flat = operand(1, graph).reshaped([-1, patches.outputs])
              return patches.rows(of: operand(0, graph)).matmul(flat).reshaped(node.type.shape)
            })
        }
      }
      if let op = node.op as? Conv2DGradWeight,
        let patches = Patches(node.type.shape, image: shapes[0]), op.geometry == patches.geometry
      {
        return .node(
          builder.build { graph in
            let rows = operand(1, graph).reshaped([-1, patches.outputs])
            return patches.rows(of: operand(0, graph)).matmul(rows, transposeA: true)
              .reshaped(node.type.shape)
          })
      }
      return .kept
    }.cleaned()
  }
}

/// An image [N,H,W,C] cut into patches of side S, which a kernel [S,S,C,K] takes whole.
private struct Patches {
  let image: Shape
  let kernel: Shape
  private let side: Int

  /// Nil unless the kernel is square and fits into the image.
  init?(_ kernel: Shape, image: Shape) {
    guard kernel[0] == kernel[1], image[1] >= kernel[0], image[2] >= kernel[0] else { return nil }
    (self.image, self.kernel, side) = (image, kernel, kernel[0])
  }

  var outputs: Int { kernel[3] }
  var geometry: ConvolutionGeometry {
    ConvolutionGeometry(
      stride: Sides(side, side), padding: Padding(all: 0), dilation: Sides(1, 1))
  }

  private var high: Int { image[1] / side }
  private var wide: Int { image[2] / side }

  /// A row of each patch: [N·P·Q,S·S·C] of [N,H,W,C].
  func rows(of x: Tensor) -> Tensor {
    x.sliced(axis: 1, 0..<high * side).sliced(axis: 2, 0..<wide * side)
      .reshaped([image[0], high, side, wide, side, image[3]])
      .permuted([0, 1, 3, 2, 4, 5])
      .reshaped([image[0] * high * wide, side * side * image[3]])
  }

  /// The reverse: [N,H,W,C] of [N·P·Q,S·S·C], zeros where no patch is.
  func image(of rows: Tensor) -> Tensor {
    rows.reshaped([image[0], high, wide, side, side, image[3]])
      .permuted([0, 1, 3, 2, 4, 5])
      .reshaped([image[0], high * side, wide * side, image[3]])
      .padded(axis: 2, before: 0, after: image[2] - wide * side)
      .padded(axis: 1, before: 0, after: image[1] - high * side)
  }
}

extension Trace {
  /// The weight [R,S,C,K] of which node `id` is the flipped one [R,S,K,C] that the gradient of a
  /// convolution reads.
  func unflippedWeight(_ id: Int) -> Int? {
    guard let permute = nodes[id].op as? Permute, permute.order == [0, 1, 3, 2] else { return nil }
    let columns = nodes[nodes[id].inputs[0]]
    guard let flip = columns.op as? Flip, flip.axis == 1 else { return nil }
    let rows = nodes[columns.inputs[0]]
    guard let flip = rows.op as? Flip, flip.axis == 0 else { return nil }
    return rows.inputs[0]
  }

  /// Adds the nodes of a tensor expression and returns the id of its result.
  mutating func build(_ expression: (Graph) -> Tensor) -> Int {
    let graph = Graph(continuing: self)
    self = Trace()
    let id = expression(graph).id
    self = graph.trace
    return id
  }
}
