/// One operation of the graph: a value that knows everything about itself.
///
/// Equal ops on equal inputs are one node, so every attribute takes part in `==`. A conforming
/// type states its output type, gradient, reference and kernels in one file; no other file lists
/// ops. Most conform through ``ReferenceOp`` (opaque kernels), ``PointwiseOp`` or ``MovementOp``.
public protocol Op: Hashable, Sendable {
  /// The field's name for it, as it appears in plans and errors: `conv2d`.
  var name: String { get }

  /// Type of the output for these inputs.
  /// - Throws: ``ShapeError`` naming the shapes that do not fit.
  func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType

  /// Vector-Jacobian product: the gradient with respect to each input, nil where there is none.
  /// - Parameter gradient: gradient with respect to `output`, of its shape.
  func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?]

  /// Work and traffic, known before anything runs.
  func cost(inputs: [TensorType], output: TensorType) -> Cost

  /// Inputs that the output may be written over: an element of theirs is read by nothing but the
  /// computation of the output's element at the same index, in memory just before it is written.
  var overwritableInputs: [Int] { get }

  /// Number of independent slices of the output, which ``evaluate`` may compute in parallel.
  func units(inputs: [TensorType], output: TensorType) -> Int

  /// Computes `units` of the output on the host in fp32.
  func evaluate(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>)

  /// Computes `units` of the output on the host in fp64: the oracle.
  func evaluate(_ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>)

  /// What tuning knows this op by, besides the types of its operands: its name and the attributes
  /// that make other work of it.
  var tuningName: String { get }

  /// Kernels that compute this op, most special first. The last one accepts every input.
  var variants: [KernelVariant] { get }
}

/// Multiply-adds count as two operations; bytes are those that must cross memory at least once.
public struct Cost: Hashable, Sendable {
  public var flops: Int
  public var bytes: Int

  public init(flops: Int, bytes: Int) {
    self.flops = flops
    self.bytes = bytes
  }

  /// Operations and, for the time that memory takes, ten more for each byte: about the balance of a
  /// CPU, less than a GPU's.
  package var weightedCost: Double { Double(flops) + 10 * Double(bytes) }

  package static func + (a: Cost, b: Cost) -> Cost {
    Cost(flops: a.flops + b.flops, bytes: a.bytes + b.bytes)
  }
}

extension Op {
  /// One operation an element, every input read once and the output written once.
  public func cost(inputs: [TensorType], output: TensorType) -> Cost {
    Cost(flops: output.elementCount, bytes: traffic(inputs, output))
  }

  public var tuningName: String { name }

  package func traffic(_ inputs: [TensorType], _ output: TensorType) -> Int {
    inputs.reduce(output.byteCount) { $0 + $1.byteCount }
  }

  public func units(inputs: [TensorType], output: TensorType) -> Int { 1 }

  public var overwritableInputs: [Int] { [] }
}

/// An op with a generic reference, written once for both host scalars.
///
/// The two `evaluate` requirements exist because a generic call through `any Op` is not
/// specialised; here the compiler specialises both per conforming type.
public protocol ReferenceOp: Op {
  /// Computes `units` of the output. Outputs of different units never overlap.
  func reference<S: HostScalar>(
    _ inputs: [HostTensor<S>], into output: HostTensor<S>, units: Range<Int>)
}

extension ReferenceOp {
  public func evaluate(
    _ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>
  ) {
    reference(inputs, into: output, units: units)
  }

  public func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    reference(inputs, into: output, units: units)
  }
}

extension Op {
  /// The whole output, in a tensor of its own.
  package func evaluate(_ inputs: [HostTensor<Double>], type: TensorType) -> HostTensor<Double> {
    let output = HostTensor<Double>(shape: type.shape)
    let types = inputs.map { TensorType($0.shape) }
    evaluate(inputs, into: output, units: 0..<units(inputs: types, output: type))
    return output
  }

  package func evaluate(_ inputs: [HostTensor<Float>], type: TensorType) -> HostTensor<Float> {
    let output = HostTensor<Float>(shape: type.shape)
    let types = inputs.map { TensorType($0.shape) }
    evaluate(inputs, into: output, units: 0..<units(inputs: types, output: type))
    return output
  }
}

/// An op whose output does not change with its inputs, as far as gradients go: index computations,
/// comparisons, random draws; and what only passes and plans put into a trace.
package protocol NonDifferentiable: Op {}

extension NonDifferentiable {
  public func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    inputs.map { _ in nil }
  }
}

/// A gradient that cannot be differentiated again.
package protocol FirstOrderOnly: Op {}

extension FirstOrderOnly {
  /// Traps: a gradient without this op's part would be wrong.
  public func vjp(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
    fatalError("\(name) has no gradient: second derivatives do not reach through it")
  }
}
