/// For a device that runs ops without kernels: by input, the ops that pack inputs of a node, whose
/// epilogue is left out. Only constant inputs may be packed; for each input of the node, whether it
/// is constant, and how many readers it has in all.
package typealias HostPreparation = (
  _ computation: Computation, _ isConstant: [Bool], _ readers: [Int]
) -> [Int: any Op]

/// A trace with a kernel for every node, and nodes for the inputs that kernels want prepared.
struct Lowering {
  /// How a node is computed.
  struct Kernel {
    /// Name of the variant; nil on the CPU path, which runs the ops themselves.
    let variant: String?
    let plan: KernelPlan
    /// Of the op.
    let cost: Cost

    /// What the kernel does.
    var work: Cost { Cost(flops: plan.flops ?? cost.flops, bytes: cost.bytes) }
  }

  let trace: Trace
  /// By node; sources, literals and views, which nothing computes, have none.
  let kernels: [Int: Kernel]
  /// Nodes that compute again what an earlier one has.
  let repeated: Set<Int>

  init(trace: Trace, kernels: [Int: Kernel], repeated: Set<Int>) {
    self.trace = trace
    self.kernels = kernels
    self.repeated = repeated
  }

  /// - Parameters:
  ///   - tuning: kernels and settings to prefer.
  ///   - prepare: what an op that runs without kernels wants its constant inputs to be.
  /// - Throws: ``ShapeError`` when an op has no kernel for its inputs on this device.
  init(
    _ trace: Trace, device: DeviceTraits, usesKernels: Bool, tuning: [Tuning] = [],
    prepare: HostPreparation? = nil
  ) throws(ShapeError) {
    var kernels: [Int: Kernel] = [:]
    var failure: ShapeError?
    let isFixed = trace.isFixed
    let readers = trace.consumers.map(\.count)
    let lowered = trace.rewritten { id, builder, new in
      let node = trace.nodes[id]
      if node.op is Source || node.op is Literal || node.op is any ViewOp { return .kept }
      let computation = trace.computation(of: id)
      let types = computation.inputs
      var inputs = node.inputs.map(new)
      var kernel = Kernel(variant: nil, plan: KernelPlan([]), cost: computation.cost)
      /// Has the node read a new one, computed by `op` from what it reads now.
      func replace(_ index: Int, by op: any Op, variant: String?, plan: KernelPlan) {
        guard let type = try? op.outputType(of: [types[index]]) else { return }
        let input = builder.add(op, [inputs[index]], type)
        kernels[input] = Kernel(
          variant: variant, plan: plan, cost: op.cost(inputs: [types[index]], output: type))
        inputs[index] = input
      }
      if usesKernels {
        guard let (variant, context) = computation.kernel(on: device, tuning: tuning) else {
          failure = ShapeError("\(computation.name) has no kernel for \(types) on this device")
          return .kept
        }
        kernel = Kernel(
          variant: variant.name,
          plan: variant.plan(context).compiled(for: context)
            .inParts(flops: kernel.cost.flops, on: device),
          cost: kernel.cost)
        // Any value does for an input that the kernel does not read.
        let read = kernel.plan.inputsRead
        for index in inputs.indices where !read.contains(index) { inputs[index] = inputs[0] }
        for (index, preparation) in kernel.plan.prepared.sorted(by: { $0.key < $1.key }) {
          replace(
            index, by: PreparedOperand(preparation: preparation),
            variant: preparation.launch.kernel, plan: KernelPlan([preparation.launch]))
        }
      } else if let prepare, !isFixed[id] {
        let prepared = prepare(
          computation.base, node.inputs.map { isFixed[$0] }, node.inputs.map { readers[$0] })
        for (index, op) in prepared.sorted(by: { $0.key < $1.key }) {
          replace(index, by: op, variant: nil, plan: KernelPlan([]))
        }
      }
      let result = builder.add(node.op, inputs, node.type, epilogue: node.epilogue)
      kernels[result] = kernel
      return .node(result)
    }
    if let failure { throw failure }
    // Without what only inputs that no kernel reads were computed for.
    var kept: [Int: Kernel] = [:]
    self.trace = lowered.rewritten { id, builder, new in
      guard let kernel = kernels[id] else { return .kept }
      let node = lowered.nodes[id]
      let result = builder.add(node.op, node.inputs.map(new), node.type, epilogue: node.epilogue)
      kept[result] = kernel
      return .node(result)
    }
    self.kernels = kept
    repeated = []
  }
}

/// What computes a ``Preparation``. Only kernels read it: no op takes its layout.
private struct PreparedOperand: NonDifferentiable {
  let preparation: Preparation

  var name: String { preparation.launch.kernel }

  func outputType(of inputs: [TensorType]) throws(ShapeError) -> TensorType { preparation.type }

  func evaluate(_ inputs: [HostTensor<Float>], into output: HostTensor<Float>, units: Range<Int>) {
    preconditionFailure("\(name) is for kernels only")
  }

  func evaluate(
    _ inputs: [HostTensor<Double>], into output: HostTensor<Double>, units: Range<Int>
  ) {
    preconditionFailure("\(name) is for kernels only")
  }

  var variants: [KernelVariant] {
    [KernelVariant(name) { _ in KernelPlan([preparation.launch]) }]
  }
}
