/// A tensor that no op computes: it is fed by the host or kept between steps.
package struct Source: NonDifferentiable, ReferenceOp {
  package enum Role: String, Hashable, Sendable { case input, constant, variable }

  package let label: String
  package let role: Role
  package let type: TensorType

  package init(name: String, role: Role, type: TensorType) {
    self.label = name
    self.role = role
    self.type = type
  }

  package var name: String { label }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType { type }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost { Cost(flops: 0, bytes: 0) }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    preconditionFailure("\(label) is fed, not computed")
  }

  package var variants: [KernelVariant] { [] }
}

/// Small constant data that is part of the program, compared by value so that equal ones merge.
package struct Literal: NonDifferentiable, ReferenceOp {
  package let bits: [UInt32]
  package let shape: Shape

  package var name: String { "literal" }
  package var values: [Float] { bits.map(Float.init(bitPattern:)) }

  package func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
    TensorType(shape)
  }

  package func cost(inputs: [TensorType], output: TensorType) -> Cost { Cost(flops: 0, bytes: 0) }

  package func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>
  ) {
    for (index, value) in values.enumerated() { output[index] = S(value) }
  }

  package var variants: [KernelVariant] { [] }
}
