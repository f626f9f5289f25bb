import Guidance
import TensorGraph

/// A part of the guidance step.
package enum Stage: String, CaseIterable, Sendable, Encodable {
  case quantisation, generator, cutouts, perceptor, optimiser
}

/// Which way through the models.
package enum Direction: String, Sendable, Encodable {
  case forward, backward
}

extension ReferenceStep {
  /// The stage of every entry of the plan's `loop`, and which way it goes there.
  ///
  /// Read off the plan's data flow, so that no pass has to carry labels along. What the picture
  /// and the loss need is forward, the rest is backward. Weights, latent and moments each belong to a
  /// stage; a value belongs to the last stage, in the direction's order, that it depends on.
  package static func stages(of plan: Plan) -> [(stage: Stage, direction: Direction)] {
    let nodes = plan.trace.nodes
    var isForward = [Bool](repeating: false, count: nodes.count)
    for output in plan.trace.outputs where output.name != GuidanceStep.hasDivergedName {
      isForward[output.node] = true
    }
    for id in nodes.indices.reversed() where isForward[id] {
      for input in nodes[id].inputs { isForward[input] = true }
    }

    let forwards = Stage.allCases
    let backwards: [Stage] = [.perceptor, .cutouts, .generator, .quantisation, .optimiser]
    var stages = [Stage?](repeating: nil, count: nodes.count)
    for (id, node) in nodes.enumerated() {
      if let source = node.op as? Source {
        stages[id] = stage(ofSource: source.name)
      } else {
        let order = isForward[id] ? forwards : backwards
        stages[id] = node.inputs.compactMap { stages[$0] }
          .max { order.firstIndex(of: $0)! < order.firstIndex(of: $1)! }
      }
    }
    return plan.loop.map {
      (stages[$0.node] ?? .perceptor, isForward[$0.node] ? .forward : .backward)
    }
  }

  private static func stage(ofSource name: String) -> Stage {
    switch name {
    case GuidanceStep.latentName: .quantisation
    case GuidanceStep.stepName: .cutouts
    case _ where name.hasPrefix("\(generatorWeights.model):quantize."): .quantisation
    case _ where name.hasPrefix("\(generatorWeights.model):"): .generator
    case _ where name.hasPrefix("\(perceptorWeights.model):"): .perceptor
    case GuidanceStep.lossScaleName: .perceptor  // what every gradient begins with
    default: .optimiser
    }
  }
}
