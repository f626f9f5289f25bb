/// What a random draw is for; part of its counter, so that no two purposes share a draw.
enum RandomPurpose {
  static let start: UInt32 = 1
  static let rounds: UInt32 = 2
  static let prompts: UInt32 = 3
  /// The first of the cutouts' purposes; see ``CutoutDraws``.
  static let cutouts: UInt32 = 256
  /// Distance between the cutouts' purposes and those of each augmentation.
  static let augmentations: UInt32 = 0x10000
}
