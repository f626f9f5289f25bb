/// An op on operands of known types, with the epilogue that its kernel applies: all that tells one
/// node's work from another's.
package struct Computation: Hashable, Sendable {
  package let op: any Op
  package let epilogue: Epilogue?
  /// Types of the op's inputs, then of the epilogue's.
  package let inputs: [TensorType]
  package let output: TensorType

  package init(op: any Op, epilogue: Epilogue? = nil, inputs: [TensorType], output: TensorType) {
    self.op = op
    self.epilogue = epilogue
    self.inputs = inputs
    self.output = output
  }

  package static func == (a: Computation, b: Computation) -> Bool {
    AnyHashable(a.op) == AnyHashable(b.op) && a.epilogue == b.epilogue && a.inputs == b.inputs
      && a.output == b.output
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(op))
    hasher.combine(inputs)
  }

  /// The op's name, marked if there is an epilogue.
  package var name: String { epilogue == nil ? op.name : op.name + "+pointwise" }

  /// The pointwise program that this is or ends with.
  package var program: PointwiseProgram? { epilogue?.program ?? (op as? FusedPointwise)?.program }

  /// Number of the op's own inputs; the epilogue's follow.
  package var opInputCount: Int { inputs.count - (epilogue?.inputCount ?? 0) }

  /// The op alone.
  package var base: Computation {
    guard let epilogue else { return self }
    return Computation(op: op, inputs: Array(inputs[..<opInputCount]), output: epilogue.operand)
  }

  /// Type of the output for these inputs.
  /// - Throws: ``ShapeError`` naming the shapes that do not fit.
  package func verifiedType() throws(ShapeError) -> TensorType {
    let base = base
    let type = try op.outputType(of: base.inputs)
    guard let epilogue else { return type }
    try require(type.shape == epilogue.operand.shape, "\(op.name) is \(type), not \(base.output)")
    return output
  }

  package var cost: Cost {
    guard let epilogue else { return op.cost(inputs: inputs, output: output) }
    return base.cost
      + Cost(
        flops: epilogue.program.instructions.count * output.elementCount,
        bytes: inputs[opInputCount...].reduce(0) { $0 + $1.byteCount })
  }

  /// Inputs whose buffer the output may reuse in place; see ``Op/overwritableInputs``.
  package var overwritableInputs: [Int] { epilogue == nil ? op.overwritableInputs : [] }
}

// MARK: - On the host

extension Computation {
  /// The whole output in fp64: the oracle.
  package func evaluate(_ inputs: [HostTensor<Double>]) -> HostTensor<Double> {
    let base = base
    let result = op.evaluate(Array(inputs[..<opInputCount]), type: base.output)
    guard let epilogue else { return result }
    let output = result.reshaped(output.shape)
    epilogue.program.evaluate(
      [output] + inputs[opInputCount...], into: output,
      units: 0..<PointwiseProgram.units(output.count))
    return output
  }
}
