import Execution
import TensorGraph
import TestSupport
import Testing

/// What ``checkKernels`` cannot see of the image gradient of sampling: that no schedule changes a
/// bit of it, and that it does not hide what is not a number.
@Suite struct SamplingKernelTests {
  private let op = GridSampleGradInput(
    rule: SampleRule(padding: .border, alignCorners: false), imageShape: [1, 3, 4, 2])
  private let grid: HostTensor<Double>
  private let gradient: HostTensor<Double>

  /// 2,009 points over 12 pixels, with gradients over many magnitudes.
  init() {
    var random = TestRandom(4)
    grid = random.tensor([7, 7, 41, 2], in: -1.5...1.5).rounded
    gradient = HostTensor(
      shape: [7, 7, 41, 2],
      (0..<4018).map { _ in
        let value = random.next()
        return value * value * value * value * random.next() * 1e-3
      }
    ).rounded
  }

  private func run(
    _ variant: String, on bench: KernelBench, gradient: HostTensor<Double>,
    change: (inout DeviceTraits) -> Void = { _ in }
  ) throws -> [Double] {
    var traits = DeviceTraits(bench.device)
    change(&traits)
    let output = TensorType(op.imageShape)
    let context = KernelContext(
      inputs: [TensorType(grid.shape), TensorType(gradient.shape)], output: output, device: traits)
    let variant = try #require(op.variants.first { $0.name == variant })
    let inputs = [(grid, ScalarType.float32), (gradient, ScalarType.float32)]
    return try bench.run(variant.plan(context), inputs: inputs, output: output)
  }

  @Test func `Neither bands nor work-groups change the image gradient`() throws {
    for bench in KernelBench.all {
      let fixed = try [1, 8, 128].map { size in
        try run("grid_sample_grad_input_fixed", on: bench, gradient: gradient) {
          $0.maxWorkGroupSize = min($0.maxWorkGroupSize, size)
        }
      }
      #expect(Set(fixed).count == 1)
      let bands = try [1, 2, 64].map { units in
        try run("grid_sample_grad_input_bands", on: bench, gradient: gradient) {
          $0.computeUnits = units
        }
      }
      #expect(Set(bands).count == 1)
    }
  }

  @Test func `Sums in fixed point are rounded once`() throws {
    // Against the reference the only errors are those of the weights and of the last rounding.
    let expected = op.evaluate([grid, gradient], type: TensorType(op.imageShape))
    for bench in KernelBench.all {
      let sums = try run("grid_sample_grad_input_fixed", on: bench, gradient: gradient)
      #expect(HostTensor(shape: op.imageShape, sums).relativeError(to: expected) < 3e-7)
    }
  }

  @Test(arguments: [Double.infinity, -.infinity, .nan])
  func `A gradient that is not finite is not hidden`(value: Double) throws {
    let broken = HostTensor(shape: gradient.shape, gradient.values)
    broken[1234] = value
    for bench in KernelBench.all {
      let fixed = try run("grid_sample_grad_input_fixed", on: bench, gradient: broken)
      #expect(fixed.allSatisfy { $0.isNaN })
      let bands = try run("grid_sample_grad_input_bands", on: bench, gradient: broken)
      #expect(bands.contains { !$0.isFinite })
    }
  }

  @Test func `Gradients of zero sum to zero`() throws {
    let zeros = HostTensor<Double>(shape: gradient.shape)
    for bench in KernelBench.all {
      let sums = try run("grid_sample_grad_input_fixed", on: bench, gradient: zeros)
      #expect(sums.allSatisfy { $0 == 0 })
    }
  }
}
