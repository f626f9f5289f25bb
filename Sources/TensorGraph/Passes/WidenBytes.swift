/// Stores uint8 inputs as fp32, for the CPU path, which holds all values so.
package enum WidenBytes: Pass {
  package static func run(_ trace: Trace) -> Trace {
    trace.rewritten { id, builder, _ in
      let node = trace.nodes[id]
      guard node.type.scalar == .uint8 else { return .kept }
      let result = builder.add(node.op, [], TensorType(node.type.shape))
      builder.initialValues[result] = trace.initialValues[id]
      return .node(result)
    }
  }
}
