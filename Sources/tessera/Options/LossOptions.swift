import ArgumentParser
import Guidance

/// Weights of loss terms beside the prompts'.
struct LossOptions: ParsableArguments {
  @Option(help: "How smooth the picture is to be: weight of its total variation, such as 1.")
  var totalVariation: Float?

  @Option(
    help: "How strongly to stay near --init-image, as in the notebooks: 0 leaves the latent free.")
  var initWeight: Float?

  @Option(help: "Weight of the picture's steepness, pixel by pixel, such as 0.5: edges stay, noise goes.")
  var smoothness: Float?

  @Option(help: "Weight of colourfulness, such as 2.")
  var saturation: Float?

  @Option(
    help: ArgumentHelp(
      "A symmetry and its weight, such as horizontal:1; may be given several times.",
      valueName: "horizontal|vertical|point:weight"),
    transform: symmetry)
  var symmetry: [Symmetry] = []

  @Option(help: "Weight of a white border, such as 10.")
  var edge: Float?

  @Option(help: "Weight of a picture that fades to white around its middle, such as 1.")
  var gaussian: Float?

  @Option(
    help: ArgumentHelp(
      "Colours that the picture is to have, as red,blue,#ffcc00; a weight may follow: red,white:2.",
      valueName: "colours"),
    transform: Palette.init(parsing:))
  var palette: Palette?

  /// A loss of a symmetry, and its weight.
  struct Symmetry: Equatable {
    let name: String
    let weight: Float
  }

  private static func symmetry(_ text: String) throws -> Symmetry {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let names = ["horizontal", "vertical", "point"]
    guard parts.count <= 2, names.contains(String(parts[0])),
      let weight = parts.count == 2 ? Float(parts[1]) : 1
    else {
      throw ValidationError("'\(text)' is no symmetry: write \(names.joined(separator: ", ")) and a weight, as point:0.5")
    }
    return Symmetry(name: "symmetry-\(parts[0])", weight: weight)
  }

  /// Weights by the terms' names, where they are given.
  private var weights: [(name: String, weight: Float?)] {
    [
      (TotalVariation.name, totalVariation), (Smoothness.name, smoothness),
      (Saturation.name, saturation), (EdgeColor.name, edge), (Vignette.name, gaussian),
      (StartDistance.name, initWeight),
    ] + symmetry.map { ($0.name, $0.weight) }
  }

  var areGiven: Bool { palette != nil || weights.contains { $0.weight != nil } }

  func apply(to request: inout RenderRequest) {
    for (name, weight) in weights where weight != nil { request.losses[name] = weight }
    if let palette { request.palette = palette }
  }
}
