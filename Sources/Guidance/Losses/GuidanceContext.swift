import TensorGraph

/// Inputs of loss terms: the picture, its cutouts and the generator's parameters.
public struct GuidanceContext {
  /// [1,H,W,3] in 0…1.
  public let picture: Tensor
  /// The generator's parameters.
  public let parameters: [TracedGenerator.Parameter]
  /// Number of the step, one element; the first is 1.
  public let step: Tensor
  /// Random seed of the cutouts.
  let seed: UInt64
  let cutouts: CutoutConfiguration
  /// Number of batches the cutouts are run through CLIP in.
  let batches: Int

  public var graph: Graph { picture.graph }

  /// Cutouts of the picture as one batch after the other, each with its share of all.
  /// - Parameter side: of a cutout in pixels.
  /// - Returns: [n,side,side,3] of each batch.
  public func cutoutBatches(side: Int) -> [(cutouts: Tensor, share: Float)] {
    let count = cutouts.count
    return (0..<batches).map { number in
      let batch = number * count / batches..<(number + 1) * count / batches
      return (
        picture.cutouts(cutouts, side: side, seed: seed, step: step, batch: batch),
        Float(batch.count) / Float(count)
      )
    }
  }

  /// Value that a parameter had when the descent began, of its shape.
  public func start(of parameter: TracedGenerator.Parameter) -> Tensor {
    graph.variable(
      Self.startName(of: parameter.name), parameter.variable.shape, .float32, .zeros)
  }

  /// Name of the variable that holds a parameter's start.
  static func startName(of parameter: String) -> String { "\(parameter)/start" }
}
