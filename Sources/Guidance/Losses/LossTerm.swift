import TensorGraph

/// A part of the loss: a value made of the picture, its cutouts or the generator's parameters, and
/// the weight that it counts with.
///
/// One file a term. Its value, before the weight, is an output of the program by its name.
public protocol LossTerm: Sendable {
  /// Name in messages and records, unique among the terms of a render.
  var name: String { get }
  /// Factor of the value in the loss.
  var weight: Float { get }

  /// True if the small pictures of the search for a start are judged by it, too.
  var guidesSearch: Bool { get }

  /// The value, a scalar.
  func value(_ context: GuidanceContext) throws -> Tensor
}

extension LossTerm {
  public var guidesSearch: Bool { true }
}

/// A term that a render asks for by name and weight alone.
public protocol NamedLoss: LossTerm {
  /// Name on the command line, where it is the option's, and in records.
  static var name: String { get }

  init(weight: Float)
}

extension NamedLoss {
  public var name: String { Self.name }
}

/// The terms by name, beside the distances to prompts. A new one is a file here and its entry in
/// this list.
public enum LossTerms {
  public static let known: [any NamedLoss.Type] = [
    TotalVariation.self, Smoothness.self, Saturation.self, HorizontalSymmetry.self,
    VerticalSymmetry.self, PointSymmetry.self, EdgeColor.self, Vignette.self, StartDistance.self,
  ]

  /// The terms of these weights, in the order of ``known``; those of weight 0 are left out.
  /// - Throws: ``GuidanceError/settings(_:)`` for a name that there is not, or a weight that is not
  ///   finite.
  package static func weighted(_ weights: [String: Float]) throws(GuidanceError) -> [any LossTerm] {
    for (name, weight) in weights.sorted(by: { $0.key < $1.key }) {
      guard known.contains(where: { $0.name == name }) else {
        throw .settings(
          "there is no loss '\(name)'; choose \(known.map { $0.name }.joined(separator: ", "))")
      }
      guard (0...RenderRequest.maxWeight).contains(weight) else {
        throw .settings(
          "the weight of \(name) is \(weight), out of range: choose 0 to \(RenderRequest.maxWeight)")
      }
    }
    return known.compactMap { type in
      weights[type.name].flatMap { $0 == 0 ? nil : type.init(weight: $0) }
    }
  }
}
