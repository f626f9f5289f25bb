import TensorGraph

extension CutoutDraws {
  /// If each cutout is changed, and `columns` uniform numbers in [0, 1) for its parameters.
  /// - Parameter isShared: draws once for all cutouts of the step.
  func parameters(
    _ probability: Float, columns: Int, isShared: Bool = false
  ) -> AugmentationParameters {
    let uniform = isShared
      ? sharedUniform(columns: columns + 1) : uniform(.parameters, columns: columns + 1)
    return AugmentationParameters(
      isChosen: uniform[0].isBelow(probability), values: Array(uniform.dropFirst()))
  }

  /// The same, but what is changed is drawn once for all cutouts of the step.
  func parameters(
    _ probability: Float, columns: Int, sharesChoice: Bool
  ) -> AugmentationParameters {
    let own = parameters(probability, columns: columns)
    guard sharesChoice else { return own }
    let shared = parameters(probability, columns: 0, isShared: true)
    return AugmentationParameters(isChosen: shared.isChosen, values: own.values)
  }
}

extension AugmentationParameters {
  /// The same choice with values made of the uniform numbers.
  func mapping(_ change: ([Tensor]) -> [Tensor]) -> AugmentationParameters {
    AugmentationParameters(isChosen: isChosen, values: change(values))
  }
}

extension Tensor {
  /// `changed` in the cutouts where `isChosen` [n,1] or [1,1] is 1, else this [n,S,S,3].
  func replaced(by changed: Tensor, where isChosen: Tensor) -> Tensor {
    isChosen.reshaped([-1, 1, 1, 1]).broadcast(to: shape).select(changed, self)
  }

  /// This number a cutout, [n,1], as [n,1,1,1].
  var perCutout: Tensor { reshaped([-1, 1, 1, 1]) }

  /// Points of a square of `side`², −1…1 between the centres of its outermost pixels:
  /// x as [1,1,side,1] and y as [1,side,1,1], as kornia's `create_meshgrid` spaces them.
  static func meshgrid(_ side: Int, _ graph: Graph) -> (x: Tensor, y: Tensor) {
    let places = (0..<side).map { side == 1 ? 0 : 2 * Float($0) / Float(side - 1) - 1 }
    return (graph.literal(places, [1, 1, side, 1]), graph.literal(places, [1, side, 1, 1]))
  }

  /// [n,S,S,2] of x and y.
  static func grid(_ x: Tensor, _ y: Tensor) -> Tensor { x.concatenated(with: y, axis: 3) }
}
