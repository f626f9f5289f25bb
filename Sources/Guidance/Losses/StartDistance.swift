import TensorGraph

/// Half the mean squared distance of the generator's parameters to where the descent began, which
/// holds a render near the picture it starts from.
///
/// The notebooks' `init_weight`, to the start rather than to zero.
public struct StartDistance: NamedLoss {
  public static let name = "init-weight"
  public let weight: Float

  public init(weight: Float) { self.weight = weight }

  /// The search is for a start, so it has none to stay near.
  public var guidesSearch: Bool { false }

  public func value(_ context: GuidanceContext) -> Tensor {
    let terms = context.parameters.map { parameter in
      let way = parameter.variable - context.start(of: parameter)
      return 0.5 * (way * way).mean()
    }
    return terms.dropFirst().reduce(terms[0], +)
  }
}
