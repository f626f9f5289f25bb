/// A chain of pointwise ops as one kernel; its program is its own definition.
package struct FusedPointwise: NonDifferentiable {
  package let program: PointwiseProgram
  package let shape: Shape

  package var name: String { "pointwise_fused" }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: program.inputCount)
    return TensorType(shape)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(
      flops: program.instructions.count * output.elementCount,
      bytes: traffic(inputs, output))
  }

  package var overwritableInputs: [Int] { program.inputsReadInPlace }

  package func units(inputs: [TensorType], output: TensorType) -> Int {
    PointwiseProgram.units(output.elementCount)
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    program.evaluate(inputs, into: output, units: units)
  }

  package func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    program.evaluate(inputs, into: output, units: units)
  }

  package var variants: [KernelVariant] { KernelVariant.pointwise { _ in program } }
}
