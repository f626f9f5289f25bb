/// A pointwise program that a kernel applies to each value before storing it: bias, activation,
/// residual.
///
/// The program's input 0 is the value; the others are further inputs of the node.
package struct Epilogue: Hashable, Sendable {
  package let program: PointwiseProgram
  /// Type of the op's own result.
  package let operand: TensorType

  package init(program: PointwiseProgram, operand: TensorType) {
    self.program = program
    self.operand = operand
  }

  /// Number of inputs beside the value.
  package var inputCount: Int { max(program.inputCount - 1, 0) }
}

extension KernelVariant {
  /// The kernel with `epilogue` applied in every launch that stores results: there may be several,
  /// each for a part of the output.
  func applying(_ epilogue: Epilogue) -> KernelVariant {
    @Sendable func base(_ context: KernelContext) -> KernelContext {
      KernelContext(
        inputs: context.inputs.dropLast(epilogue.inputCount), output: epilogue.operand,
        device: context.device, settings: context.settings)
    }
    return KernelVariant(
      name, appliesEpilogue: true, storage: storage,
      accepts: { accepts(base($0)) },
      candidates: { candidates(base($0)) },
      plan: { context in
        var plan = plan(base(context))
        let extra = context.inputs.indices.suffix(epilogue.inputCount)
        let prelude = epilogue.program.epiloguePrelude(
          inputs: extra.map { context.inputs[$0].scalar })
        for index in plan.launches.indices where plan.launches[index].writesOutput {
          plan.launches[index].prelude += prelude
          plan.launches[index].arguments += extra.map { .input($0) }
        }
        return plan
      })
  }
}
