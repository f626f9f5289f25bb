/// Moves the pointwise kernel that alone reads a convolution's or matmul's result into it.
package enum FuseEpilogues: Pass {
  package static func run(_ trace: Trace) -> Trace {
    let consumers = trace.consumers
    let results = Set(trace.results)
    return trace.rewritten { id, builder, new in
      let node = trace.nodes[id]
      guard let fused = node.op as? FusedPointwise else { return .kept }
      let candidates = node.inputs.indices.filter { index in
        guard let base = producer(of: node.inputs[index]) else { return false }
        let reads = fused.program.leaves.filter { $0.input == index }
        return trace.nodes[base].type.elementCount == fused.program.count
          && reads.allSatisfy(\.view.isIdentity)
      }
      guard let chosen = candidates.max(by: { node.inputs[$0] < node.inputs[$1] }) else {
        return .kept
      }
      let base = trace.nodes[producer(of: node.inputs[chosen])!]
      var program = fused.program
      for index in program.leaves.indices {
        let input = program.leaves[index].input
        program.leaves[index].input = input == chosen ? 0 : input < chosen ? input + 1 : input
      }
      let others = node.inputs.indices.filter { $0 != chosen }.map { node.inputs[$0] }
      builder.origin = base.origin
      return .node(
        builder.add(
          base.op, (base.inputs + others).map(new), node.type,
          epilogue: Epilogue(program: program, operand: base.type)))
    }

    /// The op with an epilogue that computes `id`, itself or through reshapes, for one reader only.
    func producer(of id: Int) -> Int? {
      guard consumers[id].count == 1, !results.contains(id) else { return nil }
      if trace.nodes[id].op is Reshape { return producer(of: trace.nodes[id].inputs[0]) }
      let canApply = trace.nodes[id].op.variants.contains(where: \.appliesEpilogue)
      return canApply && trace.nodes[id].epilogue == nil ? id : nil
    }
  }
}
