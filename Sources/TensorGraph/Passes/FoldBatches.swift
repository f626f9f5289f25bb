/// Computes the product of a batch of matrices with one matrix as one product of all their rows.
package enum FoldBatches: Pass {
  package static func run(_ trace: Trace) -> Trace {
    trace.rewritten { id, builder, new in
      let node = trace.nodes[id]
      guard let op = node.op as? MatMul, !op.transposeA else { return .kept }
      let (a, b) = (trace.nodes[node.inputs[0]].type.shape, trace.nodes[node.inputs[1]].type.shape)
      guard a.count == 3, b.count == 2 else { return .kept }
      return .node(
        builder.build { graph in
          let rows = Tensor(graph: graph, id: new(node.inputs[0])).reshaped([-1, a[2]])
          return graph.apply(op, [rows, Tensor(graph: graph, id: new(node.inputs[1]))])
            .reshaped(node.type.shape)
        })
    }.cleaned()
  }
}
