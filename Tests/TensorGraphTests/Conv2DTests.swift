import TensorGraph
import TestSupport
import Testing

/// Shape rules of the convolution, its gradient's geometry, and what becomes a matrix product.
@Suite struct Conv2DTests {
  private func geometry(
    stride: Int = 1, padding: Int = 0, dilation: Int = 1
  ) -> ConvolutionGeometry {
    ConvolutionGeometry(
      stride: Sides(stride, stride), padding: Padding(all: padding),
      dilation: Sides(dilation, dilation))
  }

  private func outputShape(
    _ geometry: ConvolutionGeometry, _ x: Shape, _ w: Shape
  ) throws -> Shape {
    try Conv2D(geometry).outputType(of: [TensorType(x), TensorType(w)]).shape
  }

  @Test func shapes() throws {
    #expect(try outputShape(geometry(padding: 1), [2, 8, 6, 3], [3, 3, 3, 5]) == [2, 8, 6, 5])
    #expect(try outputShape(geometry(stride: 2), [1, 8, 7, 3], [3, 2, 3, 5]) == [1, 3, 3, 5])
    #expect(try outputShape(geometry(dilation: 3), [1, 3, 2, 1], [1, 1, 1, 1]) == [1, 7, 4, 1])
  }

  @Test(arguments: [
    ([1, 8, 8, 3], [3, 3, 4, 5]), ([8, 8, 3], [3, 3, 3, 5]), ([1, 2, 2, 3], [3, 3, 3, 5]),
    ([1, 8, 8, 3], [3, 3, 3]),
  ])
  func rejects(_ x: Shape, _ w: Shape) {
    #expect(throws: ShapeError.self) { try outputShape(geometry(), x, w) }
  }

  @Test func rejectsStrideZero() {
    #expect(throws: ShapeError.self) {
      try outputShape(geometry(stride: 0), [1, 8, 8, 3], [3, 3, 3, 5])
    }
  }

  @Test func errorNamesBothChannelCounts() {
    let error = #expect(throws: ShapeError.self) {
      try outputShape(geometry(), [1, 16, 16, 32], [3, 3, 64, 5])
    }
    #expect(
      error?.description == "weight [3,3,64,5] has 64 input channels, x [1,16,16,32] has 32")
  }

  @Test func gradientWeightRejectsAnotherSize() {
    let op = Conv2DGradWeight(geometry: geometry(), kernelHeight: 3, kernelWidth: 3)
    #expect(throws: ShapeError.self) {
      try op.outputType(of: [TensorType([1, 8, 8, 3]), TensorType([1, 8, 8, 5])])
    }
  }

  /// The adjoint of the adjoint is the convolution itself, up to padding no window reaches.
  @Test(arguments: [(1, 0, 1), (2, 1, 1), (3, 1, 2), (1, 4, 1)])
  func adjointIsAnInvolution(_ stride: Int, _ padding: Int, _ dilation: Int) throws {
    let forward = geometry(stride: stride, padding: padding, dilation: dilation)
    let (image, kernel) = ([1, 9, 10, 2], [3, 2, 2, 4])
    let output = try outputShape(forward, image, kernel)
    let adjoint = forward.adjoint(image: image, kernel: kernel, output: output)
    #expect(try outputShape(adjoint, output, [3, 2, 4, 2]) == image)
    let again = adjoint.adjoint(image: output, kernel: kernel, output: image)
    #expect(again.stride == forward.stride && again.dilation == forward.dilation)
    #expect(again.padding.top == padding && again.padding.left == padding)
    #expect(try outputShape(again, image, kernel) == output)
  }

  @Test(arguments: [(1, 1, true), (2, 2, true), (3, 1, false), (1, 2, false)])
  func patchesAreAMatrixProduct(_ kernel: Int, _ stride: Int, _ isProduct: Bool) throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", [1, 7, 8, 3]), graph.input("w", [kernel, kernel, 3, 4]))
    let y = x.conv2d(w, stride: stride)
    #expect(y.shape == [1, (7 - kernel) / stride + 1, (8 - kernel) / stride + 1, 4])
    graph.output("y", y)
    let loss = (y * y).mean()
    let gradients = graph.gradients(of: loss, withRespectTo: [x, w])
    for (name, gradient) in zip(["to x", "to w"], gradients) { graph.output(name, gradient) }
    let ops = try Pipeline.run(graph, verifying: true).nodes.map(\.op)
    #expect(ops.count { $0 is MatMul } == (isProduct ? 3 : 0))
    #expect(ops.count { $0 is Conv2D || $0 is Conv2DGradWeight } == (isProduct ? 0 : 3))
  }

  /// The enlarged image and its gradient are made by nobody.
  @Test func aConvolutionAfterUpsamplingReadsTheSmallImage() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", [2, 3, 4, 2]), graph.constant("w", [3, 3, 2, 3], .zeros))
    let y = x.upsampledNearest(2).conv2d(w, padding: 1)
    graph.output("y", y)
    graph.output("gradient", graph.gradients(of: (y * y).mean(), withRespectTo: [x])[0])
    let trace = try Pipeline.run(graph, verifying: true)
    let convolutions = trace.nodes.compactMap { ($0.op as? Conv2D)?.geometry }
    #expect(convolutions.map(\.dilation) == [Sides(2, 2), Sides(1, 1)])
    #expect(convolutions.map(\.stride) == [Sides(1, 1), Sides(2, 2)])
    #expect(!trace.nodes.contains { $0.op is Reduce && $0.type.shape.count == 6 })
  }

  /// The enlarged image that is never made, made.
  @Test func upsampledIsTheConvolutionOfTheEnlargedImage() throws {
    let graph = Graph()
    let (image, weight) = ([2, 3, 4, 2], [3, 3, 2, 3])
    let (x, w) = (graph.input("x", image), graph.input("w", weight))
    let y = x.upsampledConv2d(w)
    #expect(y.shape == [2, 6, 8, 3])
    #expect(graph.nodes.allSatisfy { $0.type.elementCount <= y.shape.elementCount })
    let direct = x.upsampledNearest(2).conv2d(w, padding: 1)
    var random = TestRandom(4)
    let feeds = ["x": random.tensor(image), "w": random.tensor(weight)]
    let results = try graph.interpret([y, direct], feeds: feeds)
    for (a, b) in zip(results[0].values, results[1].values) { #expect(abs(a - b) < 1e-12) }
  }

  /// Tiles cover the output; of a dilated image from the first pixel of either phase on.
  @Test(arguments: [
    (3, 1, 1, 1, [1, 32, 32, 16], 6, 64, 0), (3, 1, 1, 1, [1, 256, 256, 16], 8, 43 * 43, 0),
    (3, 1, 1, 1, [5, 32, 32, 16], 6, 5 * 8 * 8, 0), (4, 1, 2, 2, [1, 64, 64, 16], 6, 13 * 13, 1),
    (4, 1, 2, 3, [1, 64, 64, 16], 6, 13 * 13, 0), (4, 2, 1, 1, [1, 128, 128, 16], 6, 13 * 13, 0),
  ]) func tiles(
    _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Int, _ image: Shape, _ side: Int,
    _ count: Int, _ shift: Int
  ) throws {
    let geometry = geometry(stride: stride, padding: padding, dilation: dilation)
    let weight = [kernel, kernel, 16, 32]
    let output = try outputShape(geometry, image, weight)
    let tiles = try #require(WinogradTiles(geometry, image: image, kernel: weight, output: output))
    #expect(tiles.side == side && tiles.count == count && tiles.shift == Sides(shift, shift))
    let span = tiles.outPhases * (tiles.side + 1 - (kernel == 3 ? 3 : 2))
    #expect(tiles.high * span - shift >= output[1] && (tiles.high - 1) * span - shift < output[1])
  }

  @Test func tilesAreOfSmallKernelsAndWholeVectors() throws {
    func tiles(_ kernel: Int, _ stride: Int, _ dilation: Int, channels: Int) throws -> WinogradTiles? {
      let geometry = geometry(stride: stride, padding: 1, dilation: dilation)
      let (image, weight) = ([1, 16, 16, channels], [kernel, kernel, channels, 32])
      return WinogradTiles(
        geometry, image: image, kernel: weight,
        output: try outputShape(geometry, image, weight))
    }
    #expect(try tiles(3, 1, 1, channels: 16) != nil)
    #expect(try tiles(3, 1, 1, channels: 8) == nil)
    #expect(try tiles(3, 2, 1, channels: 16) == nil)
    #expect(try tiles(3, 1, 2, channels: 16) == nil)
    #expect(try tiles(4, 1, 1, channels: 16) == nil)
    #expect(try tiles(4, 2, 2, channels: 16) == nil)
  }

  /// Zeros between pixels are not counted as work.
  @Test func reportsTheCost() {
    let inputs = [TensorType([1, 4, 4, 2]), TensorType([3, 3, 2, 5])]
    let cost = Conv2D(geometry(padding: 1, dilation: 2))
      .cost(inputs: inputs, output: TensorType([1, 7, 7, 5]))
    #expect(cost.flops == 2 * 7 * 7 * 5 * 18 / 4)
    #expect(cost.bytes == 4 * (32 + 90 + 245))
  }
}
