import TensorGraph
import Testing

/// Random numbers for tests that are the same on every run: xorshift64*.
package struct TestRandom {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// Uniform in [-1, 1).
  package mutating func next() -> Double {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Double((state &* 0x2545_F491_4F6C_DD1D) >> 11) / Double(1 << 52) - 1
  }

  package mutating func tensor(
    _ shape: Shape, in range: ClosedRange<Double> = -1...1
  ) -> HostTensor<Double> {
    let middle = (range.lowerBound + range.upperBound) / 2
    let radius = (range.upperBound - range.lowerBound) / 2
    return HostTensor(shape: shape, (0..<shape.elementCount).map { _ in middle + radius * next() })
  }
}

/// One op on random inputs: what it is, the shapes it takes and where its inputs lie.
package struct OpCase: Sendable, CustomTestStringConvertible {
  package let label: String
  package let shapes: [Shape]
  package var ranges: [ClosedRange<Double>] = []
  /// Inputs the gradient is checked for; the others are held.
  package var differentiable: [Int]?
  /// Largest error of a kernel, relative to the largest value of its output.
  package var tolerance = 5e-6
  /// Whether only kernels for CPUs need it so large. Oclgrind, which takes minutes for the others,
  /// watches those in smaller cases.
  package var isSizedForCPUs = false
  package let build: @Sendable ([Tensor]) -> Tensor

  package var testDescription: String { label }

  package init(
    _ label: String, _ shapes: [Shape], in ranges: [ClosedRange<Double>] = [],
    differentiable: [Int]? = nil, tolerance: Double = 5e-6,
    isSizedForCPUs: Bool = false, _ build: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.label = label
    self.shapes = shapes
    self.ranges = ranges
    self.differentiable = differentiable
    self.tolerance = tolerance
    self.isSizedForCPUs = isSizedForCPUs
    self.build = build
  }

  package func inputs(seed: UInt64 = 1) -> [HostTensor<Double>] {
    var random = TestRandom(seed)
    return shapes.enumerated().map { index, shape in
      random.tensor(shape, in: index < ranges.count ? ranges[index] : -1...1)
    }
  }
}
