import TensorGraph

extension Plan {
  /// Storage nodes of constants that are held from the set-up on.
  var keptConstants: Set<Int> {
    let isFixed = trace.isFixed
    return Set(placements.keys.filter { placements[$0] == .own && isFixed[$0] })
  }

  /// The steps of the set-up that make constant values other than those `present`, each with the
  /// constants in arenas that are to be uploaded just before it.
  /// - Parameter present: storage nodes whose values are on the device.
  func setup(besides present: Set<Int>) -> [(step: Dispatch, uploads: [Int])] {
    var missing = Set(placements.keys.filter { placements[$0] == .own && !present.contains($0) })
    for step in setup.reversed() where missing.contains(step.node) {
      missing.formUnion(inputs(of: step).subtracting(present))
    }
    var waiting: Set<Int> = []
    return setup.enumerated().compactMap { index, step in
      waiting.formUnion(uploads[index] ?? [])
      guard missing.contains(step.node) else { return nil }
      let uploads = inputs(of: step).intersection(waiting).subtracting(present)
      waiting.subtract(uploads)
      return (step, uploads.sorted())
    }
  }

  private func inputs(of step: Dispatch) -> Set<Int> {
    Set(trace.nodes[step.node].inputs.map { storage[$0] })
  }
}
