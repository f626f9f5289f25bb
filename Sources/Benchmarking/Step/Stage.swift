import TensorGraph

/// A part of the guidance step.
package enum Stage: String, CaseIterable, Sendable, Encodable {
  case quantisation, generator, cutouts, perceptor, optimiser

  /// The stage of a node's scope; what is outside every scope scales, checks or applies a gradient.
  init(scope: String) {
    let stages = scope.split(separator: "/").lazy.compactMap { Self.scopes[String($0)] }
    self = stages.first ?? .optimiser
  }

  /// Scopes that ``VQGAN``, ``CLIP`` and the guidance graph open.
  private static let scopes: [String: Stage] = [
    "quantize": .quantisation,
    "post_quant_conv": .generator, "decoder": .generator, "picture": .generator,
    "cutouts": .cutouts,
    "visual": .perceptor, "loss": .perceptor,
    "optimizer": .optimiser,
  ]
}

/// Which way through the models.
package enum Direction: String, Sendable, Encodable {
  case forward, backward
}

extension Plan {
  /// Stage and direction of every entry of `loop`, by the scope of its node. A fused node has the
  /// scope of its root.
  package var stages: [(stage: Stage, direction: Direction)] {
    loop.map { step in
      let origin = trace.nodes[step.node].origin
      let stage = Stage(scope: origin.scope)
      return (stage, origin.isGradient || stage == .optimiser ? .backward : .forward)
    }
  }
}
