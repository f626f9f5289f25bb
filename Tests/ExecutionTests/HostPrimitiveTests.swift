import CHostKernels
import Execution
import TensorGraph
import TestSupport
import Testing

/// What the CPU path computes by loops of its own, against the ops' references in Double.
@Suite struct HostPrimitiveTests {
  /// Primitives' outputs for random inputs, twice, and their worst error relative to the largest value.
  private func error(
    of primitives: [any HostPrimitive], _ op: any Op, _ inputs: [HostTensor<Double>],
    output: TensorType
  ) throws -> Double {
    let expected = op.evaluate(inputs, type: output).values
    var worst = 0.0
    for primitive in primitives {
      var floats = inputs.map { HostTensor(shape: $0.shape, $0.values.map(Float.init)) }
      if let count = primitive.preparedCount {
        let prepared = HostTensor<Float>(shape: [count])
        try primitive.prepare(floats[1], into: prepared)
        floats[1] = prepared
      }
      for _ in 0..<2 {
        let result = HostTensor(
          shape: output.shape, [Float](repeating: .nan, count: output.elementCount))
        try primitive.run(floats, into: result)
        worst = max(worst, relativeError(result.values.map(Double.init), expected))
      }
    }
    return worst
  }

  /// Checks every op of the test's graph and of its gradients that `primitive` computes.
  /// - Returns: their number.
  private func checkPrimitives(
    _ test: OpCase, _ primitive: (any Op, [TensorType], TensorType) -> (any HostPrimitive)?
  ) throws -> Int {
    let traced = TracedCase(test)
    var count = 0
    for id in traced.graph.needed(by: traced.targets) {
      let node = traced.graph.nodes[id]
      let types = node.inputs.map { traced.graph.nodes[$0].type }
      guard let primitive = primitive(node.op, types, node.type) else { continue }
      let inputs = try traced.graph.interpret(
        node.inputs.map { Tensor(graph: traced.graph, id: $0) }, feeds: traced.feeds
      ).map(\.rounded)
      let error = try error(of: [primitive], node.op, inputs, output: node.type)
      #expect(error <= test.tolerance, "\(node.op.name): \(error)")
      count += 1
    }
    return count
  }

  /// On every instruction set that there is, of rows that fill blocks or not; nothing is written past
  /// them.
  @Test(arguments: [4, 8, 12, 16, 20, 28, 36])
  func products(rows: Int) {
    let (columns, depth) = (64, 9)
    var random = TestRandom(11)
    let a = random.tensor([rows, depth]).values.map(Float.init)
    let b = random.tensor([columns / 32, depth, 32]).values.map(Float.init)
    let expected = (0..<rows * columns).map { index in
      let (row, column) = (index / columns, index % columns)
      return (0..<depth).reduce(0.0) {
        $0 + Double(a[row * depth + $1]) * Double(b[(column / 32 * depth + $1) * 32 + column % 32])
      }
    }
    let after = [Float](repeating: 7, count: 16 * columns)
    for level in 0...tessera_best_level() {
      var c = [Float](repeating: .nan, count: rows * columns) + after
      for (adds, factor) in [(Int32(0), 1.0), (1, 2)] {
        tessera_multiply_tiles(
          level, a, Int64(depth), b, &c, Int64(columns), Int64(rows), Int64(columns), Int64(depth),
          adds)
        let values = c.prefix(rows * columns).map { Double($0) / factor }
        #expect(relativeError(values, expected) <= 1e-6, "level \(level), \(rows) rows")
        #expect(c.suffix(after.count) == after[...], "level \(level), \(rows) rows")
      }
    }
  }

  /// Sizes that divide into tiles and parts or not, paddings that are even or not, several samples.
  @Test(arguments: [
    ([1, 8, 8, 16], 32, Padding(all: 1)),
    ([1, 5, 7, 16], 64, Padding(all: 1)),
    ([2, 9, 6, 48], 32, Padding(top: 0, bottom: 2, left: 1, right: 0)),
    ([1, 7, 11, 32], 32, Padding(top: -1, bottom: 0, left: 2, right: -2)),
    ([3, 19, 23, 32], 96, Padding(all: 1)),
    ([1, 9, 13, 144], 64, Padding(all: 1)),
    ([1, 66, 70, 16], 32, Padding(all: 1)),
    ([2, 60, 52, 32], 32, Padding(top: 0, bottom: 1, left: 2, right: 0)),
  ]) func winograd(image: [Int], outputs: Int, padding: Padding) throws {
    let op = Conv2D(
      ConvolutionGeometry(stride: Sides(1, 1), padding: padding, dilation: Sides(1, 1)))
    var random = TestRandom(3)
    let inputs = [
      random.tensor(image).rounded, random.tensor([3, 3, image[3], outputs]).rounded,
    ]
    let types = inputs.map { TensorType($0.shape) }
    let output = try op.outputType(of: types)
    for keepsWeights in [true, false] {
      let primitive = try #require(
        WinogradConvolution(
          op, inputs: types, output: output, isSecondConstant: true, keepsWeights: keepsWeights))
      #expect((primitive.preparedCount != nil) == keepsWeights)
      // Each result is a sum of 36 products weighted by up to 64 that cancel to a quarter.
      #expect(try error(of: [primitive], op, inputs, output: output) <= 2e-5)
    }
  }

  /// 4×4 taps of a dilated image and of stride 2: four times 2×2 taps, of few tiles and of several
  /// strips, of channels that are whole chunks or not.
  @Test(arguments: [
    ([1, 8, 8, 16], 32, 2), ([2, 9, 6, 48], 64, 1), ([1, 5, 11, 80], 32, 3), ([1, 90, 86, 16], 32, 2),
  ]) func winogradByPhases(image: [Int], outputs: Int, padding: Int) throws {
    let geometry = ConvolutionGeometry(
      stride: Sides(1, 1), padding: Padding(all: padding), dilation: Sides(2, 2))
    var random = TestRandom(6)
    let kernel = [4, 4, image[3], outputs]
    let enlarged = try Conv2D(geometry).outputType(of: [TensorType(image), TensorType(kernel)])
    let adjoint = geometry.adjoint(image: image, kernel: kernel, output: enlarged.shape)
    for (geometry, image, kernel) in [
      (geometry, image, kernel),
      (adjoint, enlarged.shape, [4, 4, outputs, image[3] / 32 * 32 + 32]),
    ] {
      let op = Conv2D(geometry)
      let inputs = [random.tensor(image).rounded, random.tensor(kernel).rounded]
      let types = inputs.map { TensorType($0.shape) }
      let output = try op.outputType(of: types)
      let primitive = try #require(
        WinogradConvolution(op, inputs: types, output: output, isSecondConstant: true))
      #expect(primitive.preparedCount == nil)
      #expect(try error(of: [primitive], op, inputs, output: output) <= 2e-5)
    }
  }

  @Test func winogradIsForWhatItPaysFor() throws {
    func primitive(
      _ image: [Int], _ kernel: [Int], stride: Int = 1, isConstant: Bool = true
    ) throws -> (any HostPrimitive)? {
      let op = Conv2D(
        ConvolutionGeometry(
          stride: Sides(stride, stride), padding: Padding(all: 1), dilation: Sides(1, 1)))
      let types = [TensorType(image), TensorType(kernel)]
      return WinogradConvolution(
        op, inputs: types, output: try op.outputType(of: types), isSecondConstant: isConstant)
    }
    // Large images have their weights transformed once; small ones take them as they are.
    #expect(try primitive([1, 64, 64, 16], [3, 3, 16, 32])?.preparedCount == 36 * 16 * 32)
    #expect(try primitive([1, 64, 64, 16], [3, 3, 16, 32], isConstant: false) == nil)
    let small = try #require(try primitive([1, 32, 32, 16], [3, 3, 16, 32], isConstant: false))
    #expect(small.preparedCount == nil)
    #expect(try primitive([1, 16, 16, 16], [3, 3, 16, 32]) != nil)
    #expect(try primitive([1, 5, 5, 16], [3, 3, 16, 32]) == nil)
    #expect(try primitive([1, 64, 64, 8], [3, 3, 8, 32]) == nil)
    #expect(try primitive([1, 64, 64, 16], [3, 3, 16, 3]) == nil)
    #expect(try primitive([1, 80, 80, 16], [1, 1, 16, 32]) == nil)
    #expect(try primitive([1, 200, 200, 16], [3, 3, 16, 32], stride: 2) == nil)
  }

  /// One to four outputs, rows of whole blocks of pixels and others, padding, strides, cropping, and an
  /// image narrower than its kernel.
  @Test(arguments: [
    ([2, 9, 40, 32], [3, 3], 3, 1, 1), ([1, 12, 50, 16], [3, 3], 1, 1, 1),
    ([1, 11, 31, 48], [5, 4], 2, 2, 2), ([3, 6, 21, 16], [3, 3], 4, 1, -1),
    ([1, 4, 2, 16], [3, 5], 3, 1, 2),
  ])
  func fewOutputs(
    image: [Int], kernel: [Int], outputs: Int, stride: Int, padding: Int
  ) throws {
    var random = TestRandom(6)
    let op = Conv2D(
      ConvolutionGeometry(
        stride: Sides(stride, stride), padding: Padding(all: padding), dilation: Sides(1, 1)))
    let inputs = [image, kernel + [image[3], outputs]].map { random.tensor($0).rounded }
    let types = inputs.map { TensorType($0.shape) }
    let output = try op.outputType(of: types)
    let primitive = try #require(FewOutputsConvolution(op, inputs: types, output: output))
    #expect(try error(of: [primitive], op, inputs, output: output) <= 1e-6)
  }

  /// Rows that are whole tiles or not, both layouts and blocks, one chunk and several, groups of one
  /// to three columns of tiles, rows that threads share.
  @Test(arguments: [
    ([264, 384], 192), ([257, 768], 128), ([3, 91, 512], 384), ([799, 1152], 256), ([400, 192], 768),
  ]) func strassen(left: [Int], columns: Int) throws {
    var random = TestRandom(5)
    for transposeB in [false, true] {
      let op = MatMul(transposeA: false, transposeB: transposeB)
      let depth = left.last!
      let inputs = [left, transposeB ? [columns, depth] : [depth, columns]].map {
        random.tensor($0).rounded
      }
      let types = inputs.map { TensorType($0.shape) }
      let output = try op.outputType(of: types)
      let primitives = try [false, true].map {
        try #require(StrassenProduct(op, inputs: types, inWideBlocks: $0))
      }
      // Sums of up to four values of either operand are multiplied and cancel: the error is three
      // times that of a product by the definition, which is 3·10⁻⁷ to 5·10⁻⁷.
      #expect(try error(of: primitives, op, inputs, output: output) <= 3e-6)
    }
  }

  @Test func strassenIsForWhatItPaysFor() {
    func isTaken(_ a: [Int], _ b: [Int], transposeA: Bool = false) -> Bool {
      StrassenProduct(
        MatMul(transposeA: transposeA, transposeB: false), inputs: [TensorType(a), TensorType(b)])
        != nil
    }
    #expect(isTaken([256, 768], [768, 768]))
    #expect(isTaken([4, 64, 768], [1, 768, 768]))
    #expect(!isTaken([255, 768], [768, 768]))
    #expect(!isTaken([256, 768], [768, 64]))
    #expect(!isTaken([256, 160], [160, 768]))
    #expect(!isTaken([2, 256, 768], [2, 768, 768]))
    #expect(!isTaken([768, 256], [768, 768], transposeA: true))
  }

  /// Every convolution of single channels and gradient of one, in the cases of its kernels.
  @Test(arguments: OpCase.depthwiseConvolution) func depthwise(_ test: OpCase) throws {
    let count = try checkPrimitives(test) { op, types, output in
      DepthwiseConvolution(op, inputs: types, output: output)
    }
    #expect(count > 0)
  }

  /// Statistics of channels over several chunks of positions, whole or not, of one sample and more.
  @Test(arguments: [([1, 3, 43, 5], nil), ([2, 42, 50, 16], nil), ([2, 15, 20, 12], 4)])
  func columnStatistics(shape: [Int], groups: Int?) throws {
    // Far from zero, where a sum of squares would lose the variance.
    let test = OpCase("statistics of \(shape)", [shape], in: [99...101]) {
      let (weight, bias) = ($0[0].graph.fill(1, [shape[3]]), $0[0].graph.fill(0, [shape[3]]))
      guard let groups else { return $0[0].batchNorm(weight: weight, bias: bias).output }
      return $0[0].groupNorm(groups: groups, weight: weight, bias: bias)
    }
    #expect(try checkPrimitives(test) { op, _, _ in ColumnStatistics(op) } == 2)
    let short = GroupLayout(samples: 1, positions: 64, groups: 4, depth: 2)
    #expect(ColumnStatistics(Moments(layout: short, epsilon: 0)) == nil)
  }

  /// Attention and every gradient, in one block and in several of rows and of columns.
  @Test(
    arguments: OpCase.attention + OpCase.attentionInBlocks + OpCase.largeAttention
      + OpCase.attentionOfManyKeys)
  func attention(_ test: OpCase) throws {
    let count = try checkPrimitives(test) { op, types, _ in HostAttention(op, inputs: types) }
    #expect(count >= 3)
  }
}
