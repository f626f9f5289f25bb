import ArgumentParser
import Inference
import Models

/// Which codebook transformer to use, and how it draws.
struct TransformerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The codebook transformer's weights, its .yaml and vocabulary beside. (default: that beside "
        + "the VQGAN)", valueName: "file"),
    completion: .file())
  var transformer: String?

  @Option(
    help: ArgumentHelp(
      "Divides the logits: below 1 likely codes become likelier. (default: 1)", valueName: "number"))
  var temperature: Float?

  @Option(
    help: ArgumentHelp("Draw among so many codes, the likeliest. (default: all)", valueName: "count"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Draw among the fewest codes that have this probability together. (default: "
        + "\(SamplingRequest.usualTopP))", valueName: "share"))
  var topP: Float?

  @Option(
    help: ArgumentHelp(
      "How far codes are taken towards the words: 1 as they were learned, more to follow them more. "
        + "(default: \(SamplingRequest.usualGuidance))",
      valueName: "number"))
  var guidance: Float?

  func validate() throws {
    guard temperature.map({ $0 >= 0 && $0.isFinite }) ?? true else {
      throw ValidationError("--temperature is 0 or more")
    }
    guard topK.map({ $0 > 0 }) ?? true else { throw ValidationError("--top-k is 1 or more") }
    guard topP.map({ $0 > 0 && $0 <= 1 }) ?? true else {
      throw ValidationError("--top-p is above 0 and at most 1")
    }
    guard guidance.map({ $0 >= 0 && $0.isFinite }) ?? true else {
      throw ValidationError("--guidance is 0 or more")
    }
  }

  /// - Throws: ``InferenceError`` if there is no transformer for the VQGAN.
  func path(forVQGAN vqgan: String) throws -> String {
    if let transformer { return transformer }
    guard let path = CodebookTransformerCheckpoint.path(besideVQGAN: vqgan) else {
      throw InferenceError.model(
        "there is no codebook transformer beside \(vqgan): name one by --transformer, or train one "
          + "by 'tessera train transformer'")
    }
    return path
  }

  func apply(to request: inout SamplingRequest) {
    request.distribution.temperature = temperature ?? request.distribution.temperature
    request.distribution.topK = topK ?? request.distribution.topK
    request.distribution.topP = topP ?? request.distribution.topP
    request.guidance = guidance ?? request.guidance
  }
}
