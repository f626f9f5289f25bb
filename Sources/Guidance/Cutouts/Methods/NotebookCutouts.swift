import TensorGraph

/// Cutouts of nerdyrodent/VQGAN-CLIP, whose classes differ in what they show and in their augmentations.
package struct NotebookCutouts: CutoutMethod {
  /// What a cutout shows before it is augmented.
  enum View { case whole, crop }

  package let name: String
  private let view: View
  /// The augmentations, where others are not named.
  private let augmentations: @Sendable (_ followsOriginals: Bool) -> [any Augmentation]

  private init(
    _ name: String, _ view: View,
    _ augmentations: @escaping @Sendable (_ followsOriginals: Bool) -> [any Augmentation]
  ) {
    (self.name, self.view, self.augmentations) = (name, view, augmentations)
  }

  /// `MakeCutouts`, its default, whose choice is `Af Pe Ji Er` unless another is named.
  package static let latest = NotebookCutouts("latest", .whole) { follows in
    [
      AffineAugmentation(probability: 0.7, strength: 15, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.7, strength: 0.7),
      JitterAugmentation(probability: 0.7, strength: 0.1),
      ErasingAugmentation(probability: 0.7, strength: 0.4, followsOriginal: follows),
    ]
  }

  /// `MakeCutoutsNRUpdate`, whose choice is `Af Pe Ji Er` unless another is named.
  package static let nrUpdated = NotebookCutouts("nrupdated", .crop) { follows in
    [
      AffineAugmentation(probability: 0.7, strength: 30, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.7, strength: 0.5),
      JitterAugmentation(probability: 0.7, strength: 0.1),
      ErasingAugmentation(probability: 0.7, strength: 0.4, followsOriginal: follows),
    ]
  }

  /// `MakeCutoutsUpdate`.
  package static let updated = NotebookCutouts("updated", .crop) { follows in
    [
      FlipAugmentation(probability: 0.5),
      JitterAugmentation(probability: 0.7, light: 0, color: 0.01),
      SharpnessAugmentation(probability: 0.4, strength: 0.3, followsOriginal: follows),
      AffineAugmentation(
        probability: 0.8, strength: 30, shear: 0, padding: .border, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.4, strength: 0.2),
    ]
  }

  /// `MakeCutoutsPoolingUpdate`.
  package static let updatedPooling = NotebookCutouts("updatedpooling", .whole) { follows in
    [
      AffineAugmentation(
        probability: 0.7, strength: 15, shear: 0, padding: .border, followsOriginal: follows),
      PerspectiveAugmentation(probability: 0.7, strength: 0.7),
      JitterAugmentation(probability: 0.7, light: 0, color: 0.1),
      ErasingAugmentation(probability: 0.7, strength: 0.4, followsOriginal: follows),
    ]
  }

  package func cutouts(
    of picture: Tensor, _ configuration: CutoutConfiguration, side: Int, _ draws: CutoutDraws
  ) -> Tensor {
    configuration.augmented(draws, by: augmentations(configuration.followsOriginals)) {
      switch view {
      case .whole: picture.pooledWhole(side)
      case .crop: picture.notebookCrops(side: side, power: configuration.power, draws)
      }
    }
  }
}
