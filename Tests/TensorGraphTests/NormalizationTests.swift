import TensorGraph
import TestSupport
import Testing

@Suite struct NormalizationTests {
  /// Samples far from zero keep their variance in fp32.
  @Test func momentsFarFromZero() {
    let layout = GroupLayout(samples: 1, positions: 300, groups: 2, depth: 2)
    let op = Moments(layout: layout, epsilon: 0)
    var random = TestRandom(7)
    let wide = random.tensor(layout.shape, in: 999...1001)
    let narrow = HostTensor(shape: layout.shape, wide.values.map(Float.init))
    let rounded = HostTensor(shape: layout.shape, narrow.values.map(Double.init))
    let type = TensorType(layout.statistics)
    let expected = op.evaluate([rounded], type: type).values
    let computed = op.evaluate([narrow], type: type).values
    // One rounding of a value near 1000 is 3e-5 of the deviation; Σx² − (Σx)² would lose 0.1.
    for (a, b) in zip(computed, expected) { #expect(abs(Double(a) / b - 1) < 4e-6) }
  }

  /// Any division of the units into calls gives the same result.
  @Test func momentsInParts() {
    let layout = GroupLayout(samples: 3, positions: 5, groups: 4, depth: 2)
    let op = Moments(layout: layout, epsilon: 1e-6)
    var random = TestRandom(8)
    let input = random.tensor(layout.shape)
    let whole = op.evaluate([input], type: TensorType(layout.statistics))
    let parts = HostTensor<Double>(shape: layout.statistics)
    for units in [0..<1, 1..<6, 6..<11, 11..<12] {
      op.evaluate([input], into: parts, units: units)
    }
    #expect(parts.values == whole.values)
  }

  @Test func normalizedChannels() throws {
    let graph = Graph()
    let x = graph.input("x", [1, 1, 2, 4])
    let y = x.groupNorm(groups: 2, weight: graph.fill(2, [4]), bias: graph.fill(1, [4]), epsilon: 0)
    let values: [Double] = [1, 3, 0, 0, 3, 1, 4, 4]
    let result = try graph.interpret([y], feeds: ["x": HostTensor(shape: [1, 1, 2, 4], values)])
    #expect(result[0].values == [-1, 3, -1, -1, 3, -1, 3, 3])
  }

  /// Two channels over four positions: mean and biased variance are returned.
  @Test func normalizedBatch() throws {
    let graph = Graph()
    let x = graph.input("x", [2, 1, 2, 2])
    let result = x.batchNorm(
      weight: graph.fill(2, [2]), bias: graph.literal([1, 0], [2]), epsilon: 0)
    let values: [Double] = [1, 5, 3, 5, 1, 9, 3, 9]
    let computed = try graph.interpret(
      [result.output, result.mean, result.variance],
      feeds: ["x": HostTensor(shape: [2, 1, 2, 2], values)])
    #expect(computed[0].values == [-1, -2, 3, -2, -1, 2, 3, 2])
    #expect(computed[1].values == [2, 7])
    for (a, b) in zip(computed[2].values, [1, 4.0]) { #expect(abs(a - b) < 1e-12) }
  }

  /// A channel of equal values has variance 0, and nothing to scale.
  @Test func batchOfEqualValues() throws {
    let graph = Graph()
    let x = graph.fill(0.1, [1, 3, 3, 1])
    let result = x.batchNorm(weight: graph.fill(1, [1]), bias: graph.fill(0, [1]))
    let computed = try graph.interpret([result.output, result.variance])
    #expect(computed[0].values == [Double](repeating: 0, count: 9))
    #expect(abs(computed[1].values[0]) < 1e-12)
  }

  @Test func softmaxOfLargeScores() throws {
    let graph = Graph()
    let y = graph.literal([1000, 1000, -1000, 1000], [2, 2]).softmax()
    #expect(try graph.interpret([y])[0].values == [0.5, 0.5, 0, 1])
  }

  @Test func shapesThatDoNotFit() {
    let layout = GroupLayout(samples: 2, positions: 3, groups: 2, depth: 2)
    let op = Moments(layout: layout, epsilon: 0)
    #expect(throws: ShapeError.self) { try op.outputType(of: [TensorType([2, 3, 5])]) }
    #expect(throws: ShapeError.self) { try Softmax().outputType(of: [TensorType([])]) }
  }
}
