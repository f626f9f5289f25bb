import TensorGraph

/// A random change of cutouts, after the one of the same name in kornia, by which the notebooks augment
/// them.
///
/// One file an augmentation. Given the same drawn parameters, cutouts are those of kornia 0.5.4, which
/// nerdyrodent/VQGAN-CLIP was written for; the draws are Philox's, keyed by (seed, step, purpose).
package protocol Augmentation: Sendable {
  /// Name on the command line and in records.
  static var name: String { get }
  /// The notebooks' two letters.
  static var code: String { get }
  /// Share of the cutouts that are changed, where none is given.
  static var probability: Float { get }
  /// Strength where none is given.
  static var strength: Float { get }
  /// Strength of the notebooks, where they follow another.
  static var originalStrength: Float { get }
  /// Strengths that make sense.
  static var strengths: ClosedRange<Float> { get }

  /// - Parameters:
  ///   - probability: share of the cutouts that are changed, 0…1.
  ///   - strength: in ``strengths``.
  ///   - followsOriginal: does what the notebooks' call does, not what it says; see docs/cutouts.md.
  init(probability: Float, strength: Float, followsOriginal: Bool)

  /// What is drawn for each cutout: if it is changed, and by how much.
  /// - Parameters:
  ///   - draws: of this augmentation alone.
  ///   - side: of a cutout in pixels.
  func parameters(_ draws: CutoutDraws, side: Int) -> AugmentationParameters

  /// All cutouts, changed.
  /// - Parameters:
  ///   - values: those of ``parameters(_:side:)``.
  ///   - draws: of this augmentation alone, for noise.
  /// - Returns: of the shape of `cutouts`, [n,S,S,3].
  func changed(_ cutouts: Tensor, by values: [Tensor], _ draws: CutoutDraws) -> Tensor
}

extension Augmentation {
  package static var originalStrength: Float { strength }

  /// The cutouts, those changed that chance chooses.
  /// - Parameter draws: of this augmentation alone.
  /// - Returns: of the shape of `cutouts`, [n,S,S,3].
  package func apply(to cutouts: Tensor, _ draws: CutoutDraws) -> Tensor {
    let drawn = parameters(draws, side: cutouts.shape[1])
    let changed = changed(cutouts, by: drawn.values, draws)
    return changed.id == cutouts.id
      ? cutouts : cutouts.replaced(by: changed, where: drawn.isChosen)
  }
}

/// What an augmentation draws for the cutouts.
package struct AugmentationParameters {
  /// 1 for each cutout that is changed, else 0: [n,1], or [1,1] for all alike.
  package let isChosen: Tensor
  /// The parameters of the change, each [n,1] or [1,1]; noise is not among them.
  package let values: [Tensor]
}

/// The augmentations by name. A new one is a file here and its entry in this list.
public enum Augmentations {
  package static let known: [any Augmentation.Type] = [
    JitterAugmentation.self, SharpnessAugmentation.self, NoiseAugmentation.self,
    PerspectiveAugmentation.self, RotationAugmentation.self, AffineAugmentation.self,
    ElasticAugmentation.self, SplineAugmentation.self, CropAugmentation.self,
    ErasingAugmentation.self, ResizedCropAugmentation.self, FlipAugmentation.self,
  ]

  public static var names: [String] { known.map { $0.name } }

  static func named(_ name: String) -> (any Augmentation.Type)? {
    known.first { $0.name == name }
  }
}

/// An augmentation as a request names it.
public struct AugmentationChoice: Hashable, Sendable, Codable {
  /// Name of the augmentation; see ``Augmentations``.
  public let name: String
  /// Share of the cutouts that are changed, 0…1.
  public let probability: Float
  /// Nil takes the augmentation's own.
  public let strength: Float?
  /// True for one named by the notebooks' two letters: it follows them where they do something else than
  /// they say.
  public let followsOriginal: Bool

  /// - Parameter probability: nil takes the augmentation's own.
  /// - Throws: ``GuidanceError/settings(_:)``, naming what is wrong.
  public init(
    _ name: String, probability: Float? = nil, strength: Float? = nil, followsOriginal: Bool = false
  ) throws(GuidanceError) {
    guard let type = Augmentations.named(name) else { throw Self.unknown(name) }
    self.name = name
    self.probability = probability ?? type.probability
    (self.strength, self.followsOriginal) = (strength, followsOriginal)
    try validate()
  }

  /// `name`, `name:probability` or `name:probability:strength`; the notebooks' two letters name the
  /// augmentation as they use it.
  /// - Throws: ``GuidanceError/settings(_:)``, naming what is wrong.
  public init(parsing text: String) throws(GuidanceError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let numbers = parts.dropFirst().compactMap { Float($0) }
    guard (1...3).contains(parts.count), numbers.count == parts.count - 1 else {
      throw .settings(
        "the augmentation '\(text)' is not understood: write its name, probability and strength, as "
          + "affine:0.7:15")
    }
    let code = Augmentations.known.first { $0.code == parts[0] }
    guard let type = code ?? Augmentations.named(parts[0]) else { throw Self.unknown(parts[0]) }
    try self.init(
      type.name, probability: numbers.first, strength: numbers.count > 1 ? numbers[1] : nil,
      followsOriginal: code != nil)
  }

  private static func unknown(_ name: String) -> GuidanceError {
    .settings(
      "there is no augmentation '\(name)'; choose \(Augmentations.names.joined(separator: ", ")), or "
        + "the notebooks' \(Augmentations.known.map { $0.code }.joined(separator: ", "))")
  }

  /// - Throws: ``GuidanceError/settings(_:)`` naming the value that is out of range, and the range.
  func validate() throws(GuidanceError) {
    guard let type = Augmentations.named(name) else { throw Self.unknown(name) }
    guard (0...1).contains(probability) else {
      throw .settings("the probability of \(name) is \(probability): choose 0 to 1")
    }
    guard strength.map(type.strengths.contains) ?? true else {
      throw .settings(
        "the strength of \(name) is \(strength!): choose \(type.strengths.lowerBound) to "
          + "\(type.strengths.upperBound)")
    }
  }

  /// The augmentation, which must be known.
  func augmentation(followsOriginals: Bool) -> any Augmentation {
    guard let type = Augmentations.named(name) else { preconditionFailure("no \(name)") }
    let follows = followsOriginal || followsOriginals
    return type.init(
      probability: probability,
      strength: strength ?? (follows ? type.originalStrength : type.strength),
      followsOriginal: follows)
  }
}
