/// A rewriting of the whole graph that keeps what it computes.
package protocol Pass: Sendable {
  static func run(_ trace: Trace) -> Trace
}

/// The passes, in the order they run.
package enum Pipeline {
  /// - Parameters:
  ///   - usesKernels: whether kernels run the graph.
  ///   - precision: of large tensors, where kernels run it.
  package static func passes(usesKernels: Bool, precision: Precision) -> [any Pass.Type] {
    let passes: [any Pass.Type] = [
      FoldUpsampling.self,
      PatchesAsProducts.self,
      FoldBatches.self,
      SimplifyAlgebra.self,
      FusePointwise.self,
      FuseEpilogues.self,
    ]
    guard usesKernels else { return passes + [WidenBytes.self] }
    return precision == .half ? passes + [StoreFP16.self] : passes
  }

  /// The graph as it is executed.
  /// - Parameters:
  ///   - usesKernels: whether kernels run it, which may store fp16 if the graph's precision is half.
  ///   - verifying: checks the trace after every pass; for tests.
  package static func run(
    _ graph: Graph, usesKernels: Bool = true, verifying: Bool = false
  ) throws(ShapeError) -> Trace {
    var trace = graph.trace.cleaned()
    for pass in passes(usesKernels: usesKernels, precision: graph.precision) {
      trace = pass.run(trace)
      if verifying { try trace.verify() }
    }
    return trace.cleaned()
  }
}
