import ArgumentParser
import Guidance

/// How the perceptor is shown the picture.
struct CutoutOptions: ParsableArguments {
  private static let defaults = CutoutConfiguration()

  @Option(help: "Cutouts the perceptor sees in each step. (default: \(defaults.count))")
  var cutouts: Int?

  @Option(
    help: ArgumentHelp(
      "How cutouts are made: the whole picture in each (pooled), the picture and parts of it (crops), "
        + "what suits the picture's size (auto), or as a notebook does. (default: \(defaults.method))",
      valueName: CutoutMethods.names.joined(separator: "|")))
  var cutMethod: String?

  @Option(
    help: ArgumentHelp(
      "Power of the number that a crop's size is drawn by: above 1 prefers small crops. "
        + "(default: 1)", valueName: "power"))
  var cutPower: Float?

  @Option(
    help: ArgumentHelp(
      "Batches the cutouts are run through the perceptor in, whose gradients add up: less memory, the "
        + "same cutouts. The default is as many as memory needs.", valueName: "count"))
  var batches: Int?

  @Option(
    help: ArgumentHelp(
      "Augmentations of the cutouts in their order, with probability and strength, such as "
        + "affine:0.7:15,jitter:0.5,erasing; or 'none'. The notebooks' two letters name what they do.",
      valueName: "list"),
    transform: Self.augmentations)
  var augment: [AugmentationChoice]?

  @Flag(help: "Follow the notebooks where their augmentations do something else than they say.")
  var asOriginal = false

  private static func augmentations(_ text: String) throws -> [AugmentationChoice] {
    if text == "none" { return [] }
    do {
      return try text.split(separator: ",", omittingEmptySubsequences: false)
        .map { try AugmentationChoice(parsing: String($0)) }
    } catch { throw ValidationError("\(error)") }
  }

  var areGiven: Bool {
    cutouts != nil || cutMethod != nil || cutPower != nil || batches != nil || augment != nil
      || asOriginal
  }

  func apply(to request: inout RenderRequest) {
    if let cutouts { request.cutouts.count = cutouts }
    if let cutMethod { request.cutouts.method = cutMethod }
    if let cutPower { request.cutouts.power = cutPower }
    if let batches { request.batches = batches }
    if let augment { request.cutouts.augmentations = augment }
    if asOriginal { request.cutouts.followsOriginals = true }
  }
}
