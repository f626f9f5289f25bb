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
  package func readsHalves(_ index: Int) -> Bool { true }
  package var storesHalves: Bool { true }

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

/// An op whose kernel applies a pointwise program to each value before storing it: bias,
/// activation, residual.
///
/// Inputs are those of `base`, then the program's from its second on; its first is the value.
package struct Epilogue: NonDifferentiable {
  package let base: any Op
  package let baseType: TensorType
  package let baseInputCount: Int
  package let program: PointwiseProgram
  package let shape: Shape

  package static func == (a: Epilogue, b: Epilogue) -> Bool {
    AnyHashable(a.base) == AnyHashable(b.base) && a.program == b.program && a.shape == b.shape
      && a.baseType == b.baseType
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(base))
    hasher.combine(program)
  }

  package var name: String { base.name + "+pointwise" }

  package func readsHalves(_ index: Int) -> Bool {
    index >= baseInputCount || base.readsHalves(index)
  }
  package var inputsReadAlike: Range<Int> { base.inputsReadAlike }
  package var storesHalves: Bool { base.storesHalves }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try require(inputs, count: baseInputCount + max(program.inputCount - 1, 0))
    return TensorType(shape)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost {
    let own = base.cost(inputs: Array(inputs[..<baseInputCount]), output: baseType)
    let extra = inputs[baseInputCount...].reduce(0) { $0 + $1.byteCount }
    let flops = program.instructions.count * output.elementCount
    return own + Cost(flops: flops, bytes: extra)
  }

  /// The base into `output`, then the program on it in place.
  private func inputs<S>(of program: [HostTensor<S>], _ output: HostTensor<S>) -> [HostTensor<S>] {
    [output] + program[baseInputCount...]
  }

  package func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    let types = inputs[..<baseInputCount].map { TensorType($0.shape) }
    base.evaluate(
      Array(inputs[..<baseInputCount]), into: output.reshaped(baseType.shape),
      units: 0..<base.units(inputs: types, output: baseType))
    evaluateProgram(inputs, into: output, units: 0..<PointwiseProgram.units(output.count))
  }

  /// Only the program, on an `output` that already holds the base's result.
  package func evaluateProgram(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    program.evaluate(self.inputs(of: inputs, output), into: output, units: units)
  }

  package func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    let types = inputs[..<baseInputCount].map { TensorType($0.shape) }
    base.evaluate(
      Array(inputs[..<baseInputCount]), into: output.reshaped(baseType.shape),
      units: 0..<base.units(inputs: types, output: baseType))
    program.evaluate(
      self.inputs(of: inputs, output), into: output,
      units: 0..<PointwiseProgram.units(output.count))
  }

  package var variants: [KernelVariant] {
    base.variants.filter(\.appliesEpilogue).map { variant in
      KernelVariant(
        variant.name, appliesEpilogue: true,
        accepts: { variant.accepts(baseContext($0)) },
        candidates: { variant.candidates(baseContext($0)) },
        plan: { context in
          var plan = variant.plan(baseContext(context))
          let prelude = program.epiloguePrelude(
            inputs: context.inputs[baseInputCount...].map(\.scalar))
          let extra = context.inputs.indices.dropFirst(baseInputCount)
          // There may be several, each for a part of the output.
          for index in plan.launches.indices where plan.launches[index].writesOutput {
            plan.launches[index].prelude += prelude
            plan.launches[index].arguments += extra.map { .input($0) }
          }
          return plan
        })
    }
  }

  private func baseContext(_ context: KernelContext) -> KernelContext {
    KernelContext(
      inputs: Array(context.inputs[..<baseInputCount]), output: baseType, device: context.device,
      settings: context.settings)
  }
}
