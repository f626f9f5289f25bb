import TensorGraph
import Testing

@Suite struct StridedViewTests {
  /// Element indices an view reads, in order.
  private func indices(_ view: StridedView, of count: Int) -> [Int] {
    let source = HostTensor<Double>(shape: [count], (0..<count).map(Double.init))
    let target = HostTensor<Double>(shape: [view.count])
    view.gather(source.pointer, 0..<view.count, into: target.pointer)
    return target.values.map { Int($0) }
  }

  @Test func neighboursMergeAndUnitAxesVanish() {
    let view = StridedView(extents: [2, 1, 3, 4], strides: [12, 99, 4, 1])
    #expect(view.isIdentity)
    #expect(StridedView(extents: [3, 4], strides: [1, 3]).extents == [3, 4])
  }

  /// A slice of a permutation reads what the two do one after the other.
  @Test func compositionIsApplicationInTurn() throws {
    let permute = StridedView(extents: [4, 2, 3], strides: [1, 12, 4])
    let slice = StridedView(extents: [2, 2, 3], strides: [6, 3, 1], offset: 6)
    let composed = try #require(slice.composed(with: permute))
    let stepwise = indices(slice, of: 24).map { indices(permute, of: 24)[$0] }
    #expect(indices(composed, of: 24) == stepwise)
  }

  /// Rows of a transposition are copied together, as many as a range has whole.
  @Test(arguments: [0..<5850, 7..<1900, 130..<651, 131..<260, 640..<5850])
  func transpositionsOfAnyRange(_ range: Range<Int>) {
    let view = StridedView(extents: [3, 3, 5, 130], strides: [3, 1, 9, 45])
    let source = HostTensor<Double>(shape: [5850], (0..<5850).map(Double.init))
    let target = HostTensor<Double>(shape: [range.count])
    view.gather(source.pointer, range, into: target.pointer)
    let expected = range.map { i in
      Double(i / 1950 * 3 + i / 650 % 3 + i / 130 % 5 * 9 + i % 130 * 45)
    }
    #expect(target.values == expected)
  }

  @Test func flippingTwiceIsTheIdentity() throws {
    let flip = StridedView(extents: [2, 5], strides: [5, -1], offset: 4)
    let composed = try #require(flip.composed(with: flip))
    #expect(indices(composed, of: 10) == Array(0..<10))
  }

  /// A row-major walk through a transposed tensor is no affine map of the original.
  @Test func compositionThatIsNotAffineIsRefused() {
    let transpose = StridedView(extents: [4, 3], strides: [1, 4])
    let regrouped = StridedView(extents: [2, 2], strides: [2, 1])
    #expect(regrouped.composed(with: transpose) == nil)
  }

  @Test func expressionIsOpenCLForTheSameMap() {
    #expect(StridedView.identity(12).expression("i") == "i")
    #expect(StridedView(extents: [3, 4], strides: [0, 1]).expression("i") == "(i) % 4")
    #expect(StridedView(extents: [3, 4], strides: [1, 3], offset: 2).expression("i")
      == "2 + i / 4 + ((i) % 4) * 3")
  }
}
