/// A rewriting of the whole graph that keeps what it computes.
package protocol Pass: Sendable {
  static func run(_ trace: Trace) -> Trace
}

/// The passes, in the order they run.
package enum Pipeline {
  package static let passes: [any Pass.Type] = [
    SimplifyAlgebra.self,
    FusePointwise.self,
    FuseEpilogues.self,
  ]

  /// The graph as it is executed.
  /// - Parameter verifying: checks the trace after every pass; for tests.
  package static func run(_ graph: Graph, verifying: Bool = false) throws(ShapeError) -> Trace {
    var trace = Trace(graph).rewritten { _, _, _ in nil }
    for pass in passes {
      trace = pass.run(trace)
      if verifying { try trace.verify() }
    }
    return trace.rewritten { _, _, _ in nil }
  }
}
