import ArgumentParser
import Benchmarking
import Guidance
import TensorGraph

/// The step of a render that is measured, with models of real size and random weights.
struct WorkOptions: ParsableArguments {
  /// OpenAI's perceptors whose size is known here.
  enum Perceptor: String, ExpressibleByArgument, CaseIterable {
    case vitB32 = "vit-b/32"
    case vitL14 = "vit-l/14"
  }

  @Option(
    help: ArgumentHelp(
      "The picture's side or WxH in pixels, multiples of 16.", valueName: "size"),
    transform: { try PictureSize(parsing: $0) })
  var size = PictureSize(width: 256, height: 256)

  @Option(help: "Pictures shown to the perceptor in a step, 1 to 1024.")
  var cutouts = 32

  @Option(
    help: ArgumentHelp(
      "How cutouts are made, as for 'tessera render'.",
      valueName: CutoutMethods.names.joined(separator: "|")))
  var cutMethod = "pooled"

  @Option(help: "How weights and activations are stored; half on OpenCL devices only.")
  var precision = Precision.full

  @Option(help: "The perceptor's size.")
  var perceptor = Perceptor.vitB32

  func validate() throws {
    guard (1...1024).contains(cutouts) else {
      throw ValidationError("\(cutouts) cutouts are out of range: choose 1 to 1024")
    }
    guard CutoutMethods.names.contains(cutMethod) else {
      throw ValidationError(
        "there is no cutout method '\(cutMethod)'; choose "
          + CutoutMethods.names.joined(separator: ", "))
    }
  }

  var step: ReferenceStep {
    var step = ReferenceStep(width: size.width, height: size.height, cutouts: cutouts)
    if perceptor == .vitL14 { step.perceptor = .vitL14 }
    step.precision = precision
    step.cutMethod = cutMethod
    return step
  }
}
